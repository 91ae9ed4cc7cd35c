#include "radio/peer.h"

#include <algorithm>
#include <utility>

namespace khuoi::radio {

namespace {
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr unsigned failures_before_joining = 8;
/// A burst and the one behind it.
constexpr std::size_t octets_ahead = 2 * grant_frames_alone * body_octets_max;
}  // namespace

Peer::Peer(const Self& self, RadioAlias alias, Instant now)
    : self_(self),
      timing_(*self.timing),
      alias_(alias),
      frames_(self.commune, *self.keys, timing_, alias),
      pace_(timing_, *self.rng, now),
      join_at_(now + pace_.random_up_to(seconds(60))) {
  if (!self_.commune) begin_joining(now);
  if (self_.commune) pace_.speak_at(join_at_);
}

void Peer::begin_joining(Instant now) {
  retire(current_);
  retire(pending_);
  pending_ = std::make_unique<Association>((*self_.next_id)++, *self_.keys);
  more_than_greeting_ = false;
  pace_.drop();
  // After a power cut all hamlets start at once.
  pace_.speak_not_before(now + pace_.random_up_to(8 * timing_.frame()));
}

void Peer::retire(std::unique_ptr<Association>& association) {
  if (!association) return;
  if (self_.commune) joins_.retire(association->tokens.hamlet);
  if (answer_in_ == association->id) answer_owed_ = false;
  work_.ended.push_back(association->id);
  association.reset();
}

// --- hearing

Peer::Heard Peer::on_frame(Instant now, const Frame& frame) {
  if (frame.type == FrameType::join) return self_.commune ? on_join(now, frame) : Heard::nothing;
  if (frame.type == FrameType::call) return self_.commune ? Heard::nothing : on_call(now, frame);
  if (frame.type == FrameType::welcome) return self_.commune ? Heard::nothing : on_welcome(now, frame);
  for (Association* with : {current_.get(), self_.commune ? pending_.get() : nullptr}) {
    if (with == nullptr) continue;
    Heard out = Heard::nothing;
    if (frame.type == FrameType::data) out = on_data(*with, frame);
    if (frame.type == FrameType::ack) out = on_ack(now, *with, frame);
    if (frame.type == FrameType::ask) out = on_ask(*with, frame);
    if (out == Heard::nothing) continue;
    note_heard(now, *with);
    return out;
  }
  // Perhaps it speaks under an association of before this start.
  const bool spoke = calls() && (frame.type == FrameType::data || frame.type == FrameType::ask);
  if (spoke && calls_.may_answer(now)) pace_.speak_at(now);
  return Heard::nothing;
}

/// A frame under an association proves that it is in force.
void Peer::note_heard(Instant now, Association& with) {
  pace_.heard(now);
  if (&with != pending_.get()) return;
  retire(current_);
  current_ = std::move(pending_);
}

bool Peer::may_welcome(Instant now, const HamletToken& token) {
  const auto has = [&](const std::unique_ptr<Association>& one) { return one && one->tokens.hamlet == token; };
  return !has(current_) && !has(pending_) && joins_.may_welcome(now, token);
}

Peer::Heard Peer::on_join(Instant now, const Frame& frame) {
  if (frame.counter != 0 || frame.body.size() < token_octets) return Heard::nothing;
  auto with = std::make_unique<Association>(0, *self_.keys);
  std::copy_n(frame.body.begin(), token_octets, with->tokens.hamlet.begin());
  if (!may_welcome(now, with->tokens.hamlet) || !frames_.verified(with->tokens, frame, 0)) return Heard::nothing;
  joins_.welcomed(now);
  retire(pending_);
  pending_ = std::move(with);
  calls_.joined();
  pending_->id = (*self_.next_id)++;
  pending_->tokens.commune.emplace();
  self_.rng->fill(*pending_->tokens.commune);
  pending_->in.take(0, frame.flags, frame.body.subspan(token_octets));
  answer_in_ = pending_->id;
  pace_.forgive();
  pace_.drop();
  pace_.speak_at(now);
  return Heard::word;
}

/// The commune does not know this hamlet any more. Anybody may repeat such a frame, so it is a hint and no more.
Peer::Heard Peer::on_call(Instant now, const Frame& frame) {
  if (frame.counter != 0 || !frame.body.empty() || !current_) return Heard::nothing;
  const bool waits_in_vain = pace_.awaits() || failures() != 0;
  const bool answered_lately = !waits_in_vain && heard_at() && now - *heard_at() < minutes(10);
  if (answered_lately || !calls_.may_follow(now) || !frames_.verified({}, frame, 0)) return Heard::nothing;
  calls_.followed(now);
  begin_joining(now);
  join_at_ = now + pace_.random_up_to(minutes(1));
  return Heard::answer;
}

Peer::Heard Peer::on_welcome(Instant now, const Frame& frame) {
  if (!joining() || frame.body.size() < token_octets) return Heard::nothing;
  const auto ack = decode_ack(frame.flags, frame.body.subspan(token_octets));
  const StreamDigest* implied = ack ? pending_->out.digest_through(ack->through) : nullptr;
  if (implied == nullptr || pending_->out.frames_cut() == 0) return Heard::nothing;
  pending_->tokens.commune.emplace();
  std::copy_n(frame.body.begin(), token_octets, pending_->tokens.commune->begin());
  const std::uint32_t counter = pending_->control_counter(frame.counter);
  if (!frames_.verified(pending_->tokens, frame, counter, *implied)) {
    pending_->tokens.commune.reset();
    return Heard::nothing;
  }
  current_ = std::move(pending_);
  current_->control_in = counter + 1;
  pace_.heard(now);
  take_ack(now, *current_, *ack);
  return Heard::answer;
}

Peer::Heard Peer::on_data(Association& with, const Frame& frame) {
  const auto counter = with.in.counter_of(frame.counter);
  if (!counter || !frames_.verified(with.tokens, frame, *counter)) return Heard::nothing;
  if (!with.in.take(*counter, frame.flags, frame.body)) return Heard::nothing;
  answer_in_ = with.id;
  return Heard::data;
}

Peer::Heard Peer::on_ack(Instant now, Association& with, const Frame& frame) {
  const auto ack = decode_ack(frame.flags, frame.body);
  const StreamDigest* implied = ack ? with.out.digest_through(ack->through) : nullptr;
  const std::uint32_t counter = with.control_counter(frame.counter);
  if (implied == nullptr || !frames_.verified(with.tokens, frame, counter, *implied)) return Heard::nothing;
  with.control_in = counter + 1;
  take_ack(now, with, *ack);
  return Heard::answer;
}

void Peer::take_ack(Instant now, Association& with, const Ack& ack) {
  auto names = with.out.acknowledge(ack, loss_);
  if (!names.empty()) work_.confirmed.push_back({alias_, with.id, std::move(names)});
  if (!ack.note.empty()) {
    const bool newest = with.out.open().empty();
    work_.noted.push_back({alias_, with.id, to_bytes(ack.note), newest && now - pace_.said_at() < minutes(1)});
    with.hungry = true;  // it may ask for something to be said again
  }
  pace_.answered(now, ack.grant.value_or(0));
}

Peer::Heard Peer::on_ask(Association& with, const Frame& frame) {
  const std::uint32_t counter = with.control_counter(frame.counter);
  if (!frames_.verified(with.tokens, frame, counter)) return Heard::nothing;
  with.control_in = counter + 1;
  answer_in_ = with.id;
  if (frame.body.empty()) return Heard::word;
  Reader from(frame.body);
  const auto again = with.in.counter_of(from.u8());
  const std::uint8_t flags = from.u8();
  if (again && from.ok() && (flags & ~stream_flag::all) == 0) with.in.take(*again, flags, from.rest());
  return Heard::word;
}

std::optional<Report> Peer::on_report(Instant now, const Frame& frame, const ObjectOut& object) {
  const auto report = decode_report(frame.body);
  const StreamDigest* digest = report ? object.digest_of(*report) : nullptr;
  for (Association* with : {current_.get(), pending_.get()}) {
    if (with == nullptr || digest == nullptr) continue;
    const std::uint32_t counter = with->control_counter(frame.counter);
    const auto has = report->lacking == 0 ? std::optional(*digest) : std::nullopt;
    if (!frames_.verified(with->tokens, frame, counter, has)) continue;
    with->control_in = counter + 1;
    note_heard(now, *with);
    return report;
  }
  return std::nullopt;
}

// --- speaking

void Peer::tick(Instant now) {
  const bool unanswered = speaking() != nullptr && !speaking()->out.open().empty();
  if (!pace_.tick(now, unanswered) || failures() % failures_before_joining != 0) return;
  if (self_.commune) {
    retire(pending_);  // nobody confirmed it: perhaps somebody replayed that JOIN
  } else if (current_) {
    begin_joining(now);
  }
}

bool Peer::has_word(Instant now) const {
  const Association* with = speaking();
  if (with == nullptr) return false;
  if (joining()) {
    const bool loaded = with->out.octets_uncut() != 0 || with->out.frames_cut() != 0;
    return loaded && (more_than_greeting_ || with->out.frames_cut() != 0 || now >= join_at_);
  }
  const bool keeps_alive = !self_.commune && heard_at() && now - *heard_at() >= hours(12);
  return !with->out.open().empty() || with->out.may_cut() || keeps_alive || failures() != 0;
}

Peer::Next Peer::next(Instant now) const {
  const Association* with = speaking();
  if (with == nullptr) return calls() && now >= pace_.speaks_from() ? Next::word : Next::nothing;
  if (pace_.in_burst(now)) {
    const OutStream& out = with->out;
    const bool new_one = out.may_cut() && out.promised_more();
    if (out.lost_from(pace_.burst_next()) != nullptr || new_one) return Next::burst;
  }
  return pace_.may_speak(now) && has_word(now) ? Next::word : Next::nothing;
}

bool Peer::urgent() const { return speaking() != nullptr && speaking()->out.urgent(); }

/// There is nothing new to say, or no answer came to what was said.
bool Peer::asks() const { return failures() != 0 || (speaking()->out.open().empty() && !speaking()->out.may_cut()); }

std::size_t Peer::next_octets(Instant now) const {
  if (calls()) return frame_cost;
  const Association& with = *speaking();
  if (next(now) == Next::burst) return frames_.data_octets(with, with.out.lost_from(pace_.burst_next()));
  if (joining()) return frames_.join_octets(with);
  if (asks()) return frames_.ask_octets(with);
  return frames_.data_octets(with, with.out.open().empty() ? nullptr : &with.out.open().front());
}

Bytes Peer::call(Instant now) {
  pace_.pause(now, calls_.call(now));
  return frames_.call();
}

Bytes Peer::say(Instant now) {
  if (calls()) return call(now);
  const bool burst = next(now) == Next::burst;
  Association& with = *speaking();
  Bytes out;
  if (burst) {
    const OutStream::Cut* lost = with.out.lost_from(pace_.burst_next());
    const OutStream::Cut& cut = lost != nullptr ? *lost : with.out.cut(timing_.body_max(), pace_.burst_ends());
    pace_.sent_of_burst(cut.counter);
    loss_.said();
    out = frames_.data(with, cut);
    if (next(now) == Next::burst) return out;
    pace_.end_burst();
  } else if (joining()) {
    self_.rng->fill(with.tokens.hamlet);
    out = frames_.join(with);
  } else if (asks()) {
    out = frames_.ask(with);
  } else {
    const bool new_one = with.out.open().empty();
    loss_.said();
    out = frames_.data(with, new_one ? with.out.cut(timing_.body_max(), true) : with.out.open().front());
  }
  pace_.said(now, out.size());
  return out;
}

Bytes Peer::report(const Report& report, const std::optional<StreamDigest>& has) {
  return frames_.report(*current_, report, has);
}

// --- answering

Association* Peer::answering() const {
  for (Association* with : {current_.get(), self_.commune ? pending_.get() : nullptr}) {
    if (with != nullptr && with->id == answer_in_) return with;
  }
  return nullptr;
}

bool Peer::answer_ready() const {
  const Association* with = answer_owed_ ? answering() : nullptr;
  return with != nullptr && !with->in.committing() && !with->in.may_hand_up();
}

bool Peer::hands_up() const {
  const Association* with = answer_owed_ ? answering() : nullptr;
  return with != nullptr && with->in.may_hand_up();
}

bool Peer::its_word_was_urgent() const {
  const Association* with = answering();
  return with != nullptr && (with->in.newest_flags() & stream_flag::urgent) != 0;
}

std::uint8_t Peer::frames_wanted(std::uint8_t most) const {
  const Association* with = answering();
  if (with == nullptr || with->in.complete()) return 0;
  const bool all_came = (with->in.newest_flags() & (stream_flag::last | stream_flag::more)) == stream_flag::last;
  return static_cast<std::uint8_t>(all_came ? std::min<std::uint32_t>(with->in.missing(), most) : most);
}

unsigned Peer::left_of_burst() const { return answering() == nullptr ? 0 : answering()->in.left_of_burst(); }

std::size_t Peer::answer_octets(std::uint8_t grant) const {
  return frames_.answer_octets(*answering(), answering() != pending_.get(), grant);
}

Bytes Peer::answer(std::uint8_t grant) {
  answer_owed_ = false;
  answering()->in.grant(grant);
  return frames_.answer(*answering(), answering() != pending_.get(), grant);
}

// --- records

void Peer::add_work(Instant now, bool blocked, RadioWork& to) {
  blocked_ = blocked;
  if (Association* with = answer_owed_ ? answering() : nullptr) {
    if (auto ready = with->in.hand_up())
      work_.arrived.push_back({alias_, with->id, ready->frames, std::move(ready->octets)});
  }
  if (const auto from = loads_from(); from && now >= *from) {
    const std::size_t uncut = speaking()->out.octets_uncut();
    speaking()->loading = true;
    look_for_urgent_ = changed_ = false;
    work_.wanted.push_back({alias_, speaking()->id, uncut < octets_ahead ? octets_ahead - uncut : 1});
  }
  to.take_over(work_);
}

void Peer::on_committed(const RadioWorkDone::Committed& done) {
  for (Association* with : {current_.get(), pending_.get()}) {
    if (with == nullptr || with->id != done.association) continue;
    with->in.committed(done.frames);
    // It goes with every answer about these frames: the first may be lost.
    with->note = done.note;
    with->hungry = true;  // what came may ask for something to be said
  }
}

void Peer::on_loaded(Instant now, RadioWorkDone::Loaded done) {
  // What is urgent would stand behind what may not go: in a new association it comes first.
  const bool passes = blocked_ && !self_.commune && current_ && current_->id == done.association &&
                      !current_->out.urgent() && std::ranges::any_of(done.pieces, &StreamPiece::urgent);
  if (passes) {
    begin_joining(now);
    pace_.speak_at(now);
    return;
  }
  for (Association* with : {current_.get(), pending_.get()}) {
    if (with == nullptr || with->id != done.association) continue;
    with->loading = false;
    const bool greeting = joining() && with->out.octets_uncut() == 0 && with->out.frames_cut() == 0;
    // One thing said is a greeting alone; whatever comes with it or later is a reason to speak.
    more_than_greeting_ = more_than_greeting_ || done.pieces.size() > (greeting ? 1U : 0U);
    with->hungry = !done.pieces.empty() || changed_;  // it may have been written after the look at the store
    if (done.pieces.empty()) load_at_ = now + seconds(1);
    with->out.add(std::move(done.pieces));
  }
}

void Peer::drop_associations(Instant now) {
  retire(current_);
  retire(pending_);
  answer_owed_ = false;
  pace_.drop();
  if (self_.commune) return;
  begin_joining(now);
  pace_.speak_not_before(now + timing_.frame());
}

void Peer::on_local_change() {
  look_for_urgent_ = changed_ = true;
  if (speaking() != nullptr) speaking()->hungry = true;
}

std::size_t Peer::octets_waiting() const { return speaking() == nullptr ? 0 : speaking()->out.octets_waiting(); }

std::optional<Instant> Peer::loads_from() const {
  const Association* with = speaking();
  if (with == nullptr || !with->hungry || with->loading) return std::nullopt;
  const bool loads = with->out.octets_uncut() < octets_ahead / 2 || (blocked_ && look_for_urgent_);
  return loads ? std::optional(load_at_) : std::nullopt;
}

std::optional<Instant> Peer::speaks_from(Instant now) const {
  const Association* with = speaking();
  if (with == nullptr) return calls() ? std::optional(pace_.speaks_from()) : std::nullopt;
  if (next(now) == Next::burst) return now;
  if (pace_.awaits()) return std::nullopt;
  if (has_word(now)) return pace_.speaks_from();
  if (joining() && with->out.octets_uncut() != 0) return std::max(pace_.speaks_from(), join_at_);
  if (!self_.commune && !joining() && heard_at()) return std::max(pace_.speaks_from(), *heard_at() + hours(12));
  return std::nullopt;
}

}  // namespace khuoi::radio
