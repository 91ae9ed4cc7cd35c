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

Result<std::vector<Listed>> list_announcements(node::Engine& engine, const sync::SpeakingTimes& times) {
  std::vector<Listed> out;
  KHUOI_TRY_VOID(engine.look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    const Now now = engine.now();
    KHUOI_TRY(auto entries, sync::Announcer(times).list(reader.board(), txn, now));
    const auto trusted = reader.since_start().told_time().at(now);
    const UnixSeconds past = certainly_past(entries, trusted, now.wall);
    for (AnnouncementEntry& entry : entries) {
      const bool long_over = entry.content.expires.value + shown_after_expiry_seconds < past.value;
      const bool shown = is_for(entry.content, reader.self().hamlet) && !long_over;
      if (shown) out.push_back(judged(std::move(entry), trusted, past));
    }
    return {};
  }));
  std::ranges::reverse(out);
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
