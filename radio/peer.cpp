#include "radio/peer.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace khuoi::radio {

namespace {
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Of this start of the commune: more than a hamlet draws in years.
constexpr std::size_t retired_max = 1024;
constexpr std::size_t welcomes_a_minute = 4;
constexpr unsigned failures_before_joining = 8;
/// A burst and the one behind it.
constexpr std::size_t octets_ahead = 2 * grant_frames_alone * body_octets_max;

Micros pause_max(std::optional<Instant> heard_at, Instant now) {
  if (!heard_at || now - *heard_at < hours(1)) return minutes(15);
  return now - *heard_at < hours(24) ? minutes(10) : minutes(30);
}
}  // namespace

Peer::Peer(const Self& self, RadioAlias alias, Instant now)
    : self_(self), timing_(*self.timing), alias_(alias), join_at_(now + random_up_to(seconds(60))), speak_at_(now) {
  if (!self_.commune) begin_joining(now);
  if (self_.commune) speak_at_ = join_at_;
}

Micros Peer::random_up_to(Micros limit) const {
  return Micros(static_cast<std::int64_t>(self_.rng->below(static_cast<std::uint64_t>(limit.count()) + 1)));
}

void Peer::begin_joining(Instant now) {
  retire(current_);
  retire(pending_);
  pending_ = std::make_unique<Association>((*self_.next_id)++, *self_.keys);
  more_than_greeting_ = false;
  burst_left_ = 0;
  answer_by_.reset();
  // After a power cut all hamlets start at once.
  speak_at_ = std::max(speak_at_, now + random_up_to(8 * timing_.frame()));
}

void Peer::retire(std::unique_ptr<Association>& association) {
  if (!association) return;
  if (self_.commune) {
    retired_.push_back(association->tokens.hamlet);
    if (retired_.size() > retired_max) retired_.pop_front();
  }
  if (answer_in_ == association->id) answer_owed_ = false;
  work_.ended.push_back(association->id);
  association.reset();
}

// --- hearing

bool Peer::verified(const Association& with, const Frame& frame, std::uint32_t counter,
                    const std::optional<StreamDigest>& implied) const {
  const auto mac = self_.keys->mac({alias_, with.tokens, !self_.commune}, {counter, implied, frame.before_mac});
  return mac && *mac == frame.mac;
}

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
  return Heard::nothing;
}

/// A frame under an association proves that it is in force.
void Peer::note_heard(Instant now, Association& with) {
  heard_at_ = now;
  if (&with != pending_.get()) return;
  retire(current_);
  current_ = std::move(pending_);
}

bool Peer::may_welcome(Instant now, const std::array<std::uint8_t, 4>& token) {
  const auto has = [&](const std::unique_ptr<Association>& one) { return one && one->tokens.hamlet == token; };
  if (has(current_) || has(pending_) || std::ranges::find(retired_, token) != retired_.end()) return false;
  while (!welcomes_.empty() && welcomes_.front() + minutes(1) <= now) welcomes_.pop_front();
  return welcomes_.size() < welcomes_a_minute;
}

Peer::Heard Peer::on_join(Instant now, const Frame& frame) {
  if (frame.counter != 0 || frame.body.size() < token_octets) return Heard::nothing;
  auto with = std::make_unique<Association>(0, *self_.keys);
  std::copy_n(frame.body.begin(), token_octets, with->tokens.hamlet.begin());
  if (!may_welcome(now, with->tokens.hamlet) || !verified(*with, frame, 0)) return Heard::nothing;
  welcomes_.push_back(now);
  retire(pending_);
  pending_ = std::move(with);
  called_ = 0;
  pending_->id = (*self_.next_id)++;
  pending_->tokens.commune.emplace();
  self_.rng->fill(*pending_->tokens.commune);
  pending_->in.take(0, frame.flags, frame.body.subspan(token_octets));
  answer_in_ = pending_->id;
  failures_ = 0;
  burst_left_ = 0;
  answer_by_.reset();
  speak_at_ = now;
  return Heard::word;
}

/// The commune does not know this hamlet any more. Anybody may repeat such a frame, so it is a hint and no more.
Peer::Heard Peer::on_call(Instant now, const Frame& frame) {
  if (frame.counter != 0 || !frame.body.empty() || !current_) return Heard::nothing;
  const bool answered_lately = heard_at_ && now - *heard_at_ < minutes(10);
  const bool called_lately = called_at_ && now - *called_at_ < hours(1);
  const auto mac = self_.keys->mac({alias_, {}, true}, {0, {}, frame.before_mac});
  if (answered_lately || called_lately || !mac || *mac != frame.mac) return Heard::nothing;
  called_at_ = now;
  begin_joining(now);
  join_at_ = now + random_up_to(minutes(1));
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
  if (!verified(*pending_, frame, counter, *implied)) {
    pending_->tokens.commune.reset();
    return Heard::nothing;
  }
  current_ = std::move(pending_);
  current_->control_in = counter + 1;
  heard_at_ = now;
  take_ack(now, *current_, *ack);
  return Heard::answer;
}

Peer::Heard Peer::on_data(Association& with, const Frame& frame) {
  const auto counter = with.in.counter_of(frame.counter);
  if (!counter || !verified(with, frame, *counter)) return Heard::nothing;
  if (!with.in.take(*counter, frame.flags, frame.body)) return Heard::nothing;
  answer_in_ = with.id;
  return Heard::data;
}

Peer::Heard Peer::on_ack(Instant now, Association& with, const Frame& frame) {
  const auto ack = decode_ack(frame.flags, frame.body);
  const StreamDigest* implied = ack ? with.out.digest_through(ack->through) : nullptr;
  const std::uint32_t counter = with.control_counter(frame.counter);
  if (implied == nullptr || !verified(with, frame, counter, *implied)) return Heard::nothing;
  with.control_in = counter + 1;
  take_ack(now, with, *ack);
  return Heard::answer;
}

void Peer::take_ack(Instant now, Association& with, const Ack& ack) {
  if (answer_by_ && failures_ == 0 && now > said_at_) answer_time_.sample(now - said_at_);
  answer_by_.reset();
  failures_ = 0;
  auto names = with.out.acknowledge(ack);
  if (!names.empty()) work_.confirmed.push_back({alias_, with.id, std::move(names)});
  if (!ack.note.empty()) {
    const bool newest = with.out.open().empty();
    work_.noted.push_back({alias_, with.id, to_bytes(ack.note), newest && now - said_at_ < minutes(1)});
    with.hungry = true;  // it may ask for something to be said again
  }
  burst_left_ = ack.grant.value_or(0);
  burst_next_ = 0;
  burst_until_ = now + timing_.burst(burst_left_);
  speak_at_ = now + random_up_to(timing_.gap);
}

Peer::Heard Peer::on_ask(Association& with, const Frame& frame) {
  const std::uint32_t counter = with.control_counter(frame.counter);
  if (!verified(with, frame, counter)) return Heard::nothing;
  with.control_in = counter + 1;
  answer_in_ = with.id;
  if (frame.body.empty()) return Heard::word;
  Reader from(frame.body);
  const auto again = with.in.counter_of(from.u8());
  const std::uint8_t flags = from.u8();
  if (again && from.ok() && (flags & ~stream_flag::all) == 0) with.in.take(*again, flags, from.rest());
  return Heard::word;
}

// --- speaking

void Peer::tick(Instant now) {
  if (burst_left_ != 0 && now >= burst_until_) {
    burst_left_ = 0;
    if (!answer_by_ && speaking() != nullptr && !speaking()->out.open().empty())
      answer_by_ = now + answer_time_.allowed();
  }
  if (answer_by_ && now >= *answer_by_) note_failure(now);
}

void Peer::note_failure(Instant now) {
  answer_by_.reset();
  answer_time_.miss();
  ++failures_;
  const Micros first = std::max<Micros>(seconds(2), 4 * timing_.frame());
  // The other side is there, if it answered this node or another just now: a frame was lost, or met another one.
  const bool there = (heard_at_ && now - *heard_at_ < minutes(5)) || (busy_at_ && now - *busy_at_ < minutes(5));
  const Micros longest = there ? 3 * first : pause_max(heard_at_, now);
  const Micros pause = std::min(first * (std::int64_t{1} << std::min(failures_ - 1, 16U)), longest);
  speak_at_ = now + pause / 2 + random_up_to(pause);
  if (failures_ % failures_before_joining != 0) return;
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
  const bool keeps_alive = !self_.commune && heard_at_ && now - *heard_at_ >= hours(12);
  return !with->out.open().empty() || with->out.may_cut() || keeps_alive || failures_ != 0;
}

Peer::Next Peer::next(Instant now) const {
  const Association* with = speaking();
  if (with == nullptr) return calls() && now >= speak_at_ ? Next::word : Next::nothing;
  if (burst_left_ != 0 && now < burst_until_) {
    const OutStream& out = with->out;
    const bool new_one = out.may_cut() && out.promised_more();
    if (out.lost_from(burst_next_) != nullptr || new_one) return Next::burst;
  }
  return !answer_by_ && now >= speak_at_ && has_word(now) ? Next::word : Next::nothing;
}

bool Peer::urgent() const { return speaking() != nullptr && speaking()->out.urgent(); }

/// There is nothing new to say, or no answer came to what was said.
bool Peer::asks() const { return failures_ != 0 || (speaking()->out.open().empty() && !speaking()->out.may_cut()); }

/// Asking alone costs a frame more when the frame was lost, sending it along its octets when it was not.
bool Peer::asks_with_data(const Association& with) const {
  if (with.out.open().size() != 1) return false;
  const std::size_t octets = with.out.open().front().body.size() + frame_cost + 2;
  return octets <= timing_.frame_octets_max && 3 * timing_.airtime(octets) <= 10 * timing_.airtime(frame_cost + 2);
}

std::size_t Peer::next_octets(Instant now) const {
  if (calls()) return frame_cost;
  const Association& with = *speaking();
  const auto new_one = [&](std::size_t room) { return std::min(room, with.out.octets_uncut()); };
  if (next(now) == Next::burst) {
    const OutStream::Cut* lost = with.out.lost_from(burst_next_);
    return frame_cost + (lost != nullptr ? lost->body.size() : new_one(timing_.body_max()));
  }
  const auto& open = with.out.open();
  if (joining()) {
    return frame_cost + token_octets +
           (open.empty() ? new_one(timing_.body_max() - token_octets) : open.front().body.size());
  }
  if (asks()) return frame_cost + (asks_with_data(with) ? 2 + open.front().body.size() : 0);
  return frame_cost + (open.empty() ? new_one(timing_.body_max()) : open.front().body.size());
}

Bytes Peer::finish(Bytes begun, const AssociationTokens& tokens, std::uint32_t counter,
                   const std::optional<StreamDigest>& implied) const {
  const auto mac = self_.keys->mac({alias_, tokens, self_.commune}, {counter, implied, begun});
  append(begun, mac.value_or(FrameMac{}));  // without a key it is junk to whoever hears it
  return begun;
}

Bytes Peer::call(Instant now) {
  const Micros pause = std::min<Micros>(minutes(2) * (std::int64_t{1} << std::min(called_++, 8U)), hours(1));
  speak_at_ = now + pause / 2 + random_up_to(pause);
  return finish(begin_frame(FrameType::call, 0, alias_, 0, {}), {}, 0);
}

Bytes Peer::join() {
  Association& with = *pending_;
  self_.rng->fill(with.tokens.hamlet);
  if (with.out.frames_cut() == 0) with.out.cut(timing_.body_max() - token_octets, true);
  const OutStream::Cut& cut = with.out.open().front();
  Bytes body(with.tokens.hamlet.begin(), with.tokens.hamlet.end());
  append(body, cut.body);
  return finish(begin_frame(FrameType::join, cut.flags, alias_, 0, body), with.tokens, 0);
}

Bytes Peer::data(Association& with, const OutStream::Cut& cut) {
  const auto low = static_cast<std::uint8_t>(cut.counter);
  return finish(begin_frame(FrameType::data, cut.flags, alias_, low, cut.body), with.tokens, cut.counter);
}

Bytes Peer::ask(Association& with) {
  Bytes body;
  if (asks_with_data(with)) {
    const OutStream::Cut& cut = with.out.open().front();
    Writer(body).u8(static_cast<std::uint8_t>(cut.counter)).u8(cut.flags).raw(cut.body);
  }
  const std::uint32_t counter = with.control_out++;
  return finish(begin_frame(FrameType::ask, 0, alias_, static_cast<std::uint8_t>(counter), body), with.tokens, counter);
}

Bytes Peer::say(Instant now) {
  if (calls()) return call(now);
  const bool burst = next(now) == Next::burst;
  Association& with = *speaking();
  Bytes out;
  if (burst) {
    const OutStream::Cut* lost = with.out.lost_from(burst_next_);
    const OutStream::Cut& cut = lost != nullptr ? *lost : with.out.cut(timing_.body_max(), burst_left_ == 1);
    burst_next_ = cut.counter + 1;
    --burst_left_;
    out = data(with, cut);
    if (next(now) == Next::burst) return out;
    burst_left_ = 0;
  } else if (joining()) {
    out = join();
  } else if (asks()) {
    out = ask(with);
  } else {
    out = data(with, with.out.open().empty() ? with.out.cut(timing_.body_max(), true) : with.out.open().front());
  }
  await_answer(now, out.size());
  return out;
}

void Peer::await_answer(Instant now, std::size_t octets) {
  said_at_ = now + timing_.airtime(octets);
  answer_by_ = said_at_ + 2 * timing_.gap + timing_.airtime(frame_cost + 2) + answer_time_.allowed();
}

void Peer::put_off(Instant now, Instant until) {
  busy_at_ = now;
  if (until <= now) return;
  if (answer_by_) answer_by_ = std::max(*answer_by_, until + answer_time_.allowed());
  speak_at_ = std::max(speak_at_, until + random_up_to(2 * timing_.frame()));
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

bool Peer::burst_complete() const { return answering() == nullptr || answering()->in.complete(); }

EncodedAck Peer::encoded_answer(std::uint8_t grant) const {
  const Association& with = *answering();
  EncodedAck out = encode_ack(
      {with.in.through(), grant == 0 ? std::nullopt : std::optional(grant), with.in.held(), ByteView(with.note)});
  if (&with == pending_.get())
    out.body.insert(out.body.begin(), with.tokens.commune->begin(), with.tokens.commune->end());
  return out;
}

std::size_t Peer::answer_octets(std::uint8_t grant) const { return frame_cost + encoded_answer(grant).body.size(); }

Bytes Peer::answer(std::uint8_t grant) {
  Association& with = *answering();
  const EncodedAck ack = encoded_answer(grant);
  const FrameType type = &with == pending_.get() ? FrameType::welcome : FrameType::ack;
  answer_owed_ = false;
  const std::uint32_t counter = with.control_out++;
  return finish(begin_frame(type, ack.flags, alias_, static_cast<std::uint8_t>(counter), ack.body), with.tokens,
                counter, with.in.digest());
}

// --- records

void Peer::add_work(Instant now, bool blocked, RadioWork& to) {
  blocked_ = blocked;
  const auto move_all = [](auto& from, auto& into) {
    into.insert(into.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    from.clear();
  };
  if (Association* with = answer_owed_ ? answering() : nullptr) {
    if (auto ready = with->in.hand_up())
      work_.arrived.push_back({alias_, with->id, ready->frames, std::move(ready->octets)});
  }
  if (const auto from = loads_from(); from && now >= *from) {
    const std::size_t uncut = speaking()->out.octets_uncut();
    speaking()->loading = true;
    look_for_urgent_ = false;
    work_.wanted.push_back({alias_, speaking()->id, uncut < octets_ahead ? octets_ahead - uncut : 1});
  }
  move_all(work_.confirmed, to.confirmed);
  move_all(work_.noted, to.noted);
  move_all(work_.arrived, to.arrived);
  move_all(work_.ended, to.ended);
  move_all(work_.wanted, to.wanted);
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
    speak_at_ = now;
    return;
  }
  for (Association* with : {current_.get(), pending_.get()}) {
    if (with == nullptr || with->id != done.association) continue;
    with->loading = false;
    const bool greeting = joining() && with->out.octets_uncut() == 0 && with->out.frames_cut() == 0;
    // One thing said is a greeting alone; whatever comes with it or later is a reason to speak.
    more_than_greeting_ = more_than_greeting_ || done.pieces.size() > (greeting ? 1U : 0U);
    with->hungry = !done.pieces.empty();
    if (done.pieces.empty()) load_at_ = now + seconds(1);
    with->out.add(std::move(done.pieces));
  }
}

void Peer::drop_associations(Instant now) {
  retire(current_);
  retire(pending_);
  answer_owed_ = false;
  burst_left_ = 0;
  answer_by_.reset();
  if (self_.commune) return;
  begin_joining(now);
  speak_at_ = std::max(speak_at_, now + timing_.frame());
}

void Peer::on_local_change() {
  look_for_urgent_ = true;
  if (speaking() != nullptr) speaking()->hungry = true;
}

std::size_t Peer::octets_waiting() const {
  const Association* with = speaking();
  if (with == nullptr) return 0;
  std::size_t out = with->out.octets_uncut();
  for (const OutStream::Cut& cut : with->out.open()) out += cut.body.size();
  return out;
}

std::optional<Instant> Peer::deadline() const {
  std::optional<Instant> out;
  const auto at = [&](Instant when) { out = out ? std::min(*out, when) : when; };
  if (answer_by_) at(*answer_by_);
  if (burst_left_ != 0) at(burst_until_);
  return out;
}

std::optional<Instant> Peer::loads_from() const {
  const Association* with = speaking();
  if (with == nullptr || !with->hungry || with->loading) return std::nullopt;
  const bool loads = with->out.octets_uncut() < octets_ahead / 2 || (blocked_ && look_for_urgent_);
  return loads ? std::optional(load_at_) : std::nullopt;
}

std::optional<Instant> Peer::speaks_from(Instant now) const {
  const Association* with = speaking();
  if (with == nullptr) return calls() ? std::optional(speak_at_) : std::nullopt;
  if (next(now) == Next::burst) return now;
  if (answer_by_) return std::nullopt;
  if (has_word(now)) return speak_at_;
  if (joining() && with->out.octets_uncut() != 0) return std::max(speak_at_, join_at_);
  if (!self_.commune && !joining() && heard_at_) return std::max(speak_at_, *heard_at_ + hours(12));
  return std::nullopt;
}

}  // namespace khuoi::radio
