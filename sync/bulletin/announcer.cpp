#include "sync/bulletin/announcer.h"

#include <algorithm>


namespace khuoi::sync {

namespace {

/// A slot's last part, in which an announcement is read out though its clip has not come.
constexpr std::int64_t clip_given_up_seconds = 600;

/// So often what nobody heard is tried again by itself, and after so long the first time; each wait is three times the
/// one before: seven tries in the half hour after a slot began, and the tenth more than half a day after the first.
constexpr std::ptrdiff_t tries_max = 10;
constexpr std::int64_t first_retry_seconds = 5;

bool same_occasion(const AnnouncementContent& content, const Items::Playing& one, std::optional<SpeakingSlot> slot) {
  return content.urgency == Urgency::emergency || one.slot == slot;
}

/// Played as it counts now: an emergency ever, anything else in the slot under way.
bool was_played(const AnnouncementContent& content, const std::vector<Items::Playing>& playings, bool settled,
                std::optional<SpeakingSlot> slot) {
  const auto heard = [](const Items::Playing& one) { return !one.unheard; };
  if (content.urgency == Urgency::emergency) return settled || std::ranges::any_of(playings, heard);
  return slot && std::ranges::any_of(playings, [&](const auto& one) { return heard(one) && one.slot == slot; });
}

/// Says why something stays silent, for a person who pressed play.
Error silent(Speak verdict, const AnnouncementContent& content) {
  switch (verdict) {
    case Speak::no_longer:
      return fail(Errc::denied, "the announcement has expired: the commune must issue it again");
    case Speak::not_yet:
      return fail(Errc::denied, "the announcement is issued later than now by the commune's time: wait");
    case Speak::never:
      return fail(Errc::denied, content.urgency == Urgency::emergency
                                    ? "the emergency lacks the signatures of two officers in force, or is not for here"
                                    : "the announcement is not for this hamlet, or its times make no sense");
    default:
      return fail(Errc::denied, "the announcement waits for its slot, or for a person to press play");
  }
}

}  // namespace

Announcer::Moment Announcer::moment(Board& board, const Now& now) const {
  Moment out;
  out.trusted = board.since_start().told_time().at(now);
  if (!out.trusted) return out;
  out.clock = speaking_clock(*out.trusted, board.since_start().told_time().is_live(), now.wall);
  out.slot = slot_at(times_, *out.clock);
  return out;
}

Result<Announcement> Announcer::verified(Board& board, const ReadTxn& txn, const Ref& ref) {
  const Membership& members = board.membership();
  KHUOI_TRY(const Sealed record, board.sealed(txn, ref));
  const auto author = keys_of_author(members, ref.author);
  const ByteView body(record.body);
  const bool is_public = record.header.record_class == Class::public_record && record.header.commune == members.self.commune;
  const bool signed_now = is_public && author && !author->revoked && ref.author == members.self.commune_node &&
                          body.size() > signature_octets &&
                          verify(author->sign, Purpose::public_record, members.self.commune,
                                 {record.header.encoded(), body.first(body.size() - signature_octets)},
                                 body.last(signature_octets));
  if (!signed_now) return fail(Errc::denied, "the announcement does not carry the commune's signature");
  KHUOI_TRY(Plain plain, board.read(txn, ref));
  auto* announcement = std::get_if<Announcement>(&plain.body);
  if (announcement == nullptr) return fail(Errc::not_found, "that record is no announcement");
  return std::move(*announcement);
}

Result<SpeakFacts> Announcer::facts(Board& board, const ReadTxn& txn, const Ref& ref,
                                    const AnnouncementContent& content, const Moment& moment, bool settled) {
  SpeakFacts out;
  KHUOI_TRY(const auto playings, board.items().playings(txn, ref));
  out.played = was_played(content, playings, settled, moment.slot);
  out.came_live = board.since_start().came_live(ref);
  out.here = board.self().hamlet;
  out.trusted_time = moment.trusted;
  return out;
}

Announcer::Retry Announcer::retry(const std::vector<Items::Playing>& playings, UnixSeconds now) {
  const auto by_itself = [](const Items::Playing& one) { return one.unheard && !one.by_person; };
  const auto tries = std::ranges::count_if(playings, by_itself);
  if (tries == 0) return {};
  if (tries >= tries_max) return {.never = true};
  std::int64_t wait = first_retry_seconds;
  for (std::ptrdiff_t i = 1; i < tries; ++i) wait *= 3;
  const auto last = std::find_if(playings.rbegin(), playings.rend(), by_itself);
  const std::int64_t since = now.value - last->at.value;
  // A clock that was set meanwhile says nothing; the number of tries is bounded all the same.
  if (since < 0 || since >= wait) return {};
  return {.seconds = wait - since};
}

/// Its record comes before its clip, and what somebody recorded should be heard, not our own voice.
Result<std::optional<std::int64_t>> Announcer::wait_for_clip(const ReadTxn& txn, const AnnouncementContent& content,
                                                             const Moment& moment) const {
  std::optional<std::int64_t> out;
  if (!content.clip || content.urgency == Urgency::emergency || !moment.slot) return out;
  KHUOI_TRY(const FileStatus clip, Files::status(txn, file_id_of(content.clip->key)));
  const std::int64_t lasts = std::int64_t{times_.lasts} * 60;
  const std::int64_t given_up = start_of(times_, *moment.slot).value + lasts - std::min(clip_given_up_seconds, lasts / 2);
  if (!clip.complete && moment.clock->value < given_up) out = given_up - moment.clock->value;
  return out;
}

Result<void> Announcer::learn(Board& board, const ReadTxn& txn) {
  KHUOI_TRY(const auto items, board.items().list(txn, known_up_to_));
  for (const ItemEntry& item : items) {
    known_up_to_ = std::max(known_up_to_, item.order);
    if (item.kind != Kind::announcement) continue;
    const auto plain = board.read(txn, item.ref);
    const auto* announcement = plain ? std::get_if<Announcement>(&plain->body) : nullptr;
    auto content = announcement == nullptr ? Result<AnnouncementContent>(fail(Errc::not_found, ""))
                                           : decode_announcement_content(announcement->content);
    if (!content) continue;
    content->text.clear();
    content->text.shrink_to_fit();
    // Where it is meant for and whether its times make sense never changes.
    SpeakFacts timeless;
    timeless.approved = true;
    timeless.here = board.self().hamlet;
    if (may_speak(*content, timeless) != Speak::never) candidates_.push_back({item.ref, std::move(*content)});
  }
  return {};
}

Result<Announcer::Plan> Announcer::plan(Board& board, const ReadTxn& txn, const Now& now) {
  Plan out;
  if (board.self().is_commune()) return out;
  KHUOI_TRY_VOID(learn(board, txn));
  const Moment at = moment(board, now);
  bool waits_for_slot = false;
  std::optional<std::int64_t> seconds;
  for (const Candidate& candidate : candidates_) {
    const AnnouncementContent& content = candidate.content;
    bool settled = false;
    if (content.urgency == Urgency::emergency) {
      KHUOI_TRY(const auto item, board.items().find(txn, candidate.ref));
      settled = item && item->settled;
    }
    KHUOI_TRY(SpeakFacts known, facts(board, txn, candidate.ref, content, at, settled));
    known.approved = true;  // asked last: it is two signatures
    const Speak verdict = may_speak(content, known);
    if (verdict == Speak::not_yet) {
      const std::int64_t wait = content.issued.value - at.trusted->value;
      seconds = std::min(seconds.value_or(wait), wait);
    }
    waits_for_slot = waits_for_slot || verdict == Speak::at_slot || (known.played && verdict == Speak::no_longer);
    bool due = verdict == Speak::at_slot && at.slot && speaks_in(content, *at.slot);
    if (verdict == Speak::at_once) {
      const auto announcement = verified(board, txn, candidate.ref);
      due = announcement && board.items().approved(*announcement, content);
    }
    if (!due) continue;
    KHUOI_TRY(const auto playings, board.items().playings(txn, candidate.ref));
    const Retry again = retry(playings, at.trusted.value_or(now.wall));
    if (again.never) continue;
    KHUOI_TRY(const auto clip_wait, wait_for_clip(txn, content, at));
    const std::int64_t wait = std::max(clip_wait.value_or(0), again.seconds);
    if (wait > 0) {
      seconds = std::min(seconds.value_or(wait), wait);
      continue;
    }
    const bool told_silent = std::ranges::any_of(playings, [&](const Items::Playing& one) {
      return one.unheard && same_occasion(content, one, at.slot);
    });
    out.due.push_back({candidate.ref, content.urgency, content.issued, told_silent});
  }
  std::ranges::stable_sort(out.due, [](const Due& a, const Due& b) {
    return a.urgency != b.urgency ? a.urgency > b.urgency : a.issued < b.issued;
  });
  if (waits_for_slot && at.clock) {
    const std::int64_t wait = start_of(times_, slot_after(times_, *at.clock)).value - at.clock->value;
    seconds = std::min(seconds.value_or(wait), wait);
  }
  if (seconds) out.wake = std::chrono::seconds(*seconds);
  return out;
}

/// What is known of it now, its signatures checked.
Result<Announcer::Granted> Announcer::looked_at(Board& board, Batch& batch, const Ref& ref) const {
  if (board.self().is_commune()) return fail(Errc::denied, "only a hamlet's box has a loudspeaker");
  Granted out;
  KHUOI_TRY(const auto item, board.items().find(batch.txn, ref));
  if (!item || item->kind != Kind::announcement) return fail(Errc::not_found, "there is no such announcement here");
  out.item = *item;
  KHUOI_TRY(out.announcement, verified(board, batch.txn, ref));
  KHUOI_TRY(out.content, decode_announcement_content(out.announcement.content));
  out.at = moment(board, batch.now);
  KHUOI_TRY(out.known, facts(board, batch.txn, ref, out.content, out.at, item->settled));
  out.known.approved = board.items().approved(out.announcement, out.content);
  out.playing.at = out.at.trusted.value_or(batch.now.wall);
  out.playing.first = !item->settled;
  return out;
}

Result<AnnouncementContent> Announcer::begin(Bulletin& bulletin, Batch& batch, const Ref& ref, Who who, Items::Playing* noted) {
  KHUOI_TRY(Granted it, looked_at(bulletin.board(), batch, ref));
  const bool person = who == Who::person;
  if (person) it.known.played = false;  // somebody wants to hear it again
  const Speak verdict = may_speak(it.content, it.known);
  const bool in_slot = verdict == Speak::at_slot && it.at.slot && speaks_in(it.content, *it.at.slot);
  const bool asked_for = person && (verdict == Speak::at_slot || verdict == Speak::by_a_person);
  if (verdict != Speak::at_once && !in_slot && !asked_for) return silent(verdict, it.content);
  if (in_slot) it.playing.slot = it.at.slot;
  it.playing.by_person = person;
  KHUOI_TRY_VOID(bulletin.board().items().note_playing(batch, ref, it.playing));
  KHUOI_TRY_VOID(bulletin.tell(batch, Rank::low, Played{ref, it.playing.at, person}));
  if (noted != nullptr) *noted = it.playing;
  return std::move(it.content);
}

Result<void> Announcer::not_heard(Bulletin& bulletin, Batch& batch, const Ref& ref, const Items::Playing& playing) {
  KHUOI_TRY_VOID(bulletin.board().items().note_unheard(batch, ref, playing.at));
  KHUOI_TRY_VOID(bulletin.tell(batch, Rank::low, Played{ref, playing.at, playing.by_person, true}));
  return {};
}

Result<void> Announcer::no_sound(Bulletin& bulletin, Batch& batch, const Ref& ref) {
  KHUOI_TRY(Granted it, looked_at(bulletin.board(), batch, ref));
  const Speak verdict = may_speak(it.content, it.known);
  const bool in_slot = verdict == Speak::at_slot && it.at.slot && speaks_in(it.content, *it.at.slot);
  if (verdict != Speak::at_once && !in_slot) return silent(verdict, it.content);
  if (in_slot) it.playing.slot = it.at.slot;
  it.playing.unheard = true;
  KHUOI_TRY_VOID(bulletin.board().items().note_playing(batch, ref, it.playing));
  KHUOI_TRY_VOID(bulletin.tell(batch, Rank::low, Played{ref, it.playing.at, false, true}));
  return {};
}

Result<std::vector<AnnouncementEntry>> Announcer::list(Board& board, const ReadTxn& txn, const Now& now) const {
  KHUOI_TRY(const auto items, board.items().list(txn));
  return list(board, txn, now, items, [](const AnnouncementContent&) { return true; });
}

Result<std::vector<AnnouncementEntry>> Announcer::list(Board& board, const ReadTxn& txn, const Now& now,
                                                       const std::vector<ItemEntry>& items, const Wanted& wanted) const {
  KHUOI_TRY(auto out, entries(board, txn, now, items, wanted));
  KHUOI_TRY(const LaneOrder order, board.order(txn, items));
  std::ranges::stable_sort(out, [&](const AnnouncementEntry& a, const AnnouncementEntry& b) { return order.before(a.ref, b.ref); });
  return out;
}

Result<std::vector<AnnouncementEntry>> Announcer::entries(Board& board, const ReadTxn& txn, const Now& now,
                                                          const std::vector<ItemEntry>& items, const Wanted& wanted) const {
  std::vector<AnnouncementEntry> out;
  const Moment at = moment(board, now);
  for (const ItemEntry& item : items) {
    if (item.kind != Kind::announcement) continue;
    const auto plain = board.read(txn, item.ref);
    const auto* announcement = plain ? std::get_if<Announcement>(&plain->body) : nullptr;
    if (announcement == nullptr) continue;
    auto content = decode_announcement_content(announcement->content);
    if (!content || !wanted(*content)) continue;
    AnnouncementEntry entry;
    entry.ref = item.ref;
    entry.id = announcement_id(announcement->content);
    KHUOI_TRY(SpeakFacts known, facts(board, txn, item.ref, *content, at, item.settled));
    known.approved = board.items().approved(*announcement, *content);
    KHUOI_TRY(entry.playings, board.items().playings(txn, item.ref));
    entry.came_live = known.came_live;
    entry.verdict = verified(board, txn, item.ref) ? may_speak(*content, known) : Speak::never;
    known.played = false;
    if (at.clock && may_speak(*content, known) == Speak::at_slot && entry.verdict != Speak::never) {
      SpeakingSlot next = entry.verdict == Speak::at_slot && at.slot ? *at.slot : slot_after(times_, *at.clock);
      if (!speaks_in(*content, next)) ++next.number;
      if (start_of(times_, next) < content->expires) entry.next = start_of(times_, next);
    }
    entry.gave_up = retry(entry.playings, at.trusted.value_or(now.wall)).never;
    if (entry.gave_up) entry.next.reset();
    entry.content = std::move(*content);
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace khuoi::sync
