#include "node/speaker/listing.h"

#include <algorithm>
#include <boost/json.hpp>

#include "node/acts/announce.h"

namespace khuoi::speaker {

namespace json = boost::json;
using sync::AnnouncementContent;
using sync::AnnouncementEntry;
using sync::Speak;

namespace {

constexpr std::size_t digits_min = 6;
constexpr std::int64_t shown_after_expiry_seconds = 31LL * 24 * 3600;
constexpr std::size_t last_words = 3;

bool is_for(const AnnouncementContent& content, const HamletId& here) {
  return content.to.empty() || std::ranges::find(content.to, here) != content.to.end();
}

bool was_heard(const AnnouncementEntry& entry) {
  return std::ranges::any_of(entry.playings, [](const sync::Items::Playing& one) { return !one.unheard; });
}

/// What speaks no more: it was heard, or its time went by.
Standing over(const AnnouncementEntry& entry) { return was_heard(entry) ? Standing::played : Standing::expired; }

/// A time that has certainly passed: the commune's own, else, for who only shows it, what it issued last. `entries` are in
/// the order of its chain of runs, which no clock can change. The clock of one of them may have been wrong, so it is no
/// later than the middle one of the last three, nor than this box's own clock: too early a time hides nothing.
UnixSeconds certainly_past(const std::vector<AnnouncementEntry>& entries, std::optional<UnixSeconds> trusted, UnixSeconds wall) {
  if (trusted) return *trusted;
  if (entries.empty()) return {};
  std::vector<UnixSeconds> last;
  for (std::size_t i = entries.size() - std::min(entries.size(), last_words); i < entries.size(); ++i) {
    last.push_back(entries[i].content.issued);
  }
  std::ranges::sort(last);
  return std::min({last[(last.size() - 1) / 2], entries.back().content.issued, wall});
}

/// Its time came and nobody could hear it.
Standing waiting_or_silent(const AnnouncementEntry& entry, Why& why) {
  if (entry.playings.empty() || was_heard(entry)) return Standing::waiting;
  why = entry.gave_up ? Why::gave_up : Why::tried_again;
  return Standing::no_sound;
}

Listed judged(AnnouncementEntry entry, std::optional<UnixSeconds> trusted, UnixSeconds past) {
  Listed out;
  const AnnouncementContent& content = entry.content;
  switch (entry.verdict) {
    case Speak::at_once:
      out.standing = waiting_or_silent(entry, out.why);
      break;
    case Speak::at_slot:
      out.standing = waiting_or_silent(entry, out.why);
      if (!entry.next && trusted && !entry.gave_up) out.standing = over(entry);
      break;
    case Speak::no_longer:
      out.standing = past >= content.expires ? Standing::expired : over(entry);
      if (entry.next) out.standing = Standing::waiting;
      break;
    case Speak::by_a_person:
      out.standing = past >= content.expires ? Standing::expired : Standing::held;
      if (out.standing == Standing::held) out.why = trusted || entry.came_live ? Why::no_slot : Why::time_unknown;
      break;
    case Speak::not_yet:
      out.standing = Standing::held;
      out.why = Why::not_issued;
      break;
    case Speak::never:
      out.standing = Standing::held;
      out.why = content.urgency == sync::Urgency::emergency ? Why::not_approved : Why::without_sense;
      break;
  }
  out.entry = std::move(entry);
  return out;
}

}  // namespace

std::string_view name_of(Standing standing) {
  switch (standing) {
    case Standing::waiting:
      return "waiting";
    case Standing::played:
      return "played";
    case Standing::expired:
      return "expired";
    case Standing::no_sound:
      return "no-sound";
    case Standing::held:
      break;
  }
  return "held";
}

std::string_view in_english(Why why) {
  switch (why) {
    case Why::nothing:
      return "";
    case Why::time_unknown:
      return "nobody told this box the time since its start, so it may be old: press play if it is still meant";
    case Why::not_issued:
      return "it is issued later than now by the commune's time";
    case Why::not_approved:
      return "an emergency needs the signatures of two officers in force";
    case Why::no_slot:
      return "the commune named no slot for it: press play";
    case Why::tried_again:
      return "there was no sound, so nobody heard it; it is tried again: see to the loudspeaker";
    case Why::gave_up:
      return "there was no sound ten times, so nobody heard it: see to the loudspeaker, then press play";
    case Why::without_sense:
      break;
  }
  return "its times make no sense, or its signature is not the commune's: the commune must issue it again";
}

std::string_view in_vietnamese(Why why) {
  switch (why) {
    case Why::nothing:
      return "";
    case Why::time_unknown:
      return "từ lúc bật, máy chưa biết chắc giờ nên không biết thông báo còn hạn không; nếu còn đúng, hãy bấm phát";
    case Why::not_issued:
      return "xã hẹn phát vào lúc khác, chưa tới giờ";
    case Why::not_approved:
      return "tin khẩn cấp chưa đủ hai cán bộ xã ký";
    case Why::no_slot:
      return "xã không hẹn giờ phát; hãy bấm phát";
    case Why::tried_again:
      return "loa không có tiếng nên chưa ai nghe; máy sẽ tự phát lại, hãy xem lại loa";
    case Why::gave_up:
      return "đã thử mười lần mà loa không có tiếng, chưa ai nghe; hãy sửa loa rồi bấm phát";
    case Why::without_sense:
      break;
  }
  return "ngày giờ hoặc chữ ký của thông báo không đúng; xã phải phát hành lại";
}

json::object json_of_listed(const Listed& one) {
  json::object out = node::json_of_announcement(one.entry.id, one.entry.content, name_of(one.standing));
  json::array played, not_heard;
  for (const sync::Items::Playing& playing : one.entry.playings)
    (playing.unheard ? not_heard : played).emplace_back(playing.at.value);
  out["next"] = one.entry.next ? json::value(one.entry.next->value) : json::value(nullptr);
  out["played"] = std::move(played);
  out["not_heard"] = std::move(not_heard);
  return out;
}

namespace {

/// Which announcements are shown at a moment.
struct Shown {
  Now now;
  std::optional<UnixSeconds> trusted;
  UnixSeconds past;  ///< has certainly passed
  HamletId here;

  static Result<Shown> at(sync::ReplicaReader& reader, const sync::ReadTxn& txn, const sync::Announcer& announcer,
                          const Now& now) {
    Shown out{now, reader.since_start().told_time().at(now), {}, reader.self().hamlet};
    KHUOI_TRY(auto last, reader.items().newest(txn, sync::Kind::announcement, out.trusted ? 0 : last_looked_at));
    std::ranges::reverse(last);
    const auto any = [](const AnnouncementContent&) { return true; };
    KHUOI_TRY(const auto entries, announcer.list(reader.board(), txn, now, last, any));
    out.past = certainly_past(entries, out.trusted, now.wall);
    return out;
  }
  [[nodiscard]] bool operator()(const AnnouncementContent& content) const {
    const bool long_over = content.expires.value + shown_after_expiry_seconds < past.value;
    return is_for(content, here) && !long_over;
  }

 private:
  static constexpr std::size_t last_looked_at = 8;
};

constexpr std::size_t looked_at_once = 100;

}  // namespace

Result<std::vector<Listed>> list_announcements(node::Engine& engine, const sync::SpeakingTimes& times,
                                               std::size_t count_max) {
  std::vector<Listed> out;
  KHUOI_TRY_VOID(engine.look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    const sync::Announcer announcer(times);
    KHUOI_TRY(const Shown shown, Shown::at(reader, txn, announcer, engine.now()));
    std::uint64_t before = sync::Items::of_all;
    for (std::size_t looked_at = 0; out.size() < count_max && looked_at < announcements_looked_at_max;
         looked_at += looked_at_once) {
      KHUOI_TRY(auto items, reader.items().newest(txn, sync::Kind::announcement, looked_at_once, before));
      if (items.empty()) break;
      before = items.back().order;
      std::ranges::reverse(items);
      KHUOI_TRY(auto entries, announcer.list(reader.board(), txn, shown.now, items, shown));
      std::ranges::reverse(entries);
      for (AnnouncementEntry& entry : entries) out.push_back(judged(std::move(entry), shown.trusted, shown.past));
    }
    return {};
  }));
  if (out.size() > count_max) out.erase(out.begin() + static_cast<std::ptrdiff_t>(count_max), out.end());
  return out;
}

Result<std::uint64_t> count_unheard(node::Engine& engine, const sync::SpeakingTimes& times) {
  constexpr std::size_t looked_at = 200;
  std::uint64_t out = 0;
  KHUOI_TRY_VOID(engine.look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    const sync::Announcer announcer(times);
    KHUOI_TRY(const auto open, reader.items().newest_open(txn, sync::Kind::announcement, looked_at));
    if (open.empty()) return {};
    KHUOI_TRY(const Shown shown, Shown::at(reader, txn, announcer, engine.now()));
    const auto may_count = [&](const AnnouncementContent& content) {
      return shown(content) && shown.past < content.expires;
    };
    KHUOI_TRY(auto entries, announcer.entries(reader.board(), txn, shown.now, open, may_count));
    for (AnnouncementEntry& entry : entries) {
      const Listed one = judged(std::move(entry), shown.trusted, shown.past);
      const bool over = one.standing == Standing::played || one.standing == Standing::expired;
      if (!over && !was_heard(one.entry)) ++out;
    }
    return {};
  }));
  return out;
}

Result<Listed> announcement_named(node::Engine& engine, const sync::SpeakingTimes& times, std::string_view digits) {
  if (digits.size() < digits_min) return fail(Errc::usage, "an announcement's id needs six digits at least");
  KHUOI_TRY(auto all, list_announcements(engine, times));
  Listed* found = nullptr;
  for (Listed& one : all) {
    if (!one.entry.id.hex().starts_with(digits)) continue;
    if (found != nullptr && found->entry.id != one.entry.id) {
      return fail(Errc::usage, "several announcements begin with " + std::string(digits) + ": give more digits");
    }
    found = &one;
  }
  if (found == nullptr) {
    return fail(Errc::not_found,
                "no announcement here has the id " + std::string(digits) + ": see 'khuoi announce list'");
  }
  return std::move(*found);
}

}  // namespace khuoi::speaker
