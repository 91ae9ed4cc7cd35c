#include "radio/peer.h"

#include <algorithm>
#include <utility>

namespace khuoi::radio {

namespace {
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr unsigned failures_before_joining = 8;
/// What is left of an hour and is not used is lost, so a frame that carries little may still go.
constexpr std::size_t shortened_octets_min = 3 * frame_cost;
/// A burst and the one behind it.
constexpr std::size_t octets_ahead = 2 * grant_frames_alone * body_octets_max;
}  // namespace

Peer::Peer(const Self& self, RadioAlias alias, Instant now)
    : self_(self),
      timing_(*self.timing),
      alias_(alias),
      all_(self, alias),
      pace_(timing_, *self.rng, now),
      relay_need_(self_.hidden, now),
      join_at_(now + pace_.random_up_to(seconds(60))) {
  if (!self_.commune) begin_joining(now);
  if (self_.commune) pace_.speak_at(join_at_);
}

void Peer::begin_joining(Instant now) {
  if (all_.current() != nullptr) relay_need_.was_relayed(all_.current()->relayed);
  all_.begin_joining();
  more_than_greeting_ = false;
  pace_.drop();
  // After a power cut all hamlets start at once.
  pace_.speak_not_before(now + pace_.random_up_to(8 * timing_.frame()));
}

// --- hearing

Peer::Heard Peer::on_frame(Instant now, const Frame& frame) {
  const Association* before = all_.current();
  const Heard out = look_at(now, frame);
  note_confirmed(before);
  if (out != Heard::nothing) {
    const bool may_be_repeated = frame.type == FrameType::join || frame.type == FrameType::call;
    if (!may_be_repeated) pace_.heard(now);
    if (!may_be_repeated) relay_need_.heard();
    return out;
  }
  // Perhaps it speaks under an association of before this start.
  const bool spoke = calls() && (frame.type == FrameType::data || frame.type == FrameType::ask);
  if (spoke && calls_.may_answer(now)) pace_.speak_at(now);
  return out;
}

/// After a frame of whatever kind: if it was the first under an association, the hamlet lives in that, and may have
/// been told less than was thought.
void Peer::note_confirmed(const Association* before) {
  if (!self_.commune || all_.current() == before || all_.current() == nullptr) return;
  work_.confirmed.push_back({alias_, all_.current()->id, {}});
  all_.current()->hungry = true;
}

Peer::Heard Peer::look_at(Instant now, const Frame& frame) {
  switch (frame.type) {
    case FrameType::join:
      return self_.commune ? on_join(now, frame) : on_echo(now, frame);
    case FrameType::call:
      return self_.commune ? Heard::nothing : on_call(now, frame);
    case FrameType::welcome:
      return self_.commune ? Heard::nothing : take_answer(now, all_.on_welcome(frame));
    case FrameType::ack:
      return take_answer(now, all_.on_ack(frame));
    case FrameType::data: {
      const Association* with = all_.on_data(frame);
      if (with == nullptr) return Heard::nothing;
      answering_.heard_in(*with);
      return Heard::data;
    }
    case FrameType::ask:
      return on_ask(frame);
    default:
      return Heard::nothing;
  }
}

Peer::Heard Peer::on_join(Instant now, const Frame& frame) {
  const Association* with = all_.on_join(now, frame);
  if (with == nullptr) return Heard::nothing;
  calls_.joined();
  answering_.heard_in(*with);
  pace_.forgive();
  pace_.drop();
  pace_.speak_at(now);
  return Heard::word;
}

/// The commune does not know this hamlet any more. Anybody may repeat such a frame, so it is a hint and no more.
Peer::Heard Peer::on_call(Instant now, const Frame& frame) {
  if (all_.current() == nullptr) return Heard::nothing;
  const bool waits_in_vain = pace_.awaits() || failures() != 0;
  const bool answered_lately = !waits_in_vain && heard_at() && now - *heard_at() < minutes(10);
  if (answered_lately || !calls_.may_follow(now) || !all_.is_call(frame)) return Heard::nothing;
  calls_.followed(now);
  begin_joining(now);
  join_at_ = now + pace_.random_up_to(minutes(1));
  return Heard::answer;
}

/// A neighbour says this hamlet's own JOIN once more: it was appointed before this hamlet started. Anybody may do so,
/// which costs frames until this hamlet tries itself again.
Peer::Heard Peer::on_echo(Instant now, const Frame& frame) {
  const bool is_echo = joining() && speaking()->out.frames_cut() != 0 && frame.mac == join_said_;
  if (!is_echo || speaking()->relayed) return Heard::nothing;
  relay_need_.served_already(now);
  begin_joining(now);
  return Heard::nothing;
}

Peer::Heard Peer::take_answer(Instant now, const std::optional<Associations::Answer>& answer) {
  if (!answer) return Heard::nothing;
  Association& with = *answer->with;
  auto names = with.out.acknowledge(answer->ack, loss_);
  if (!names.empty()) work_.confirmed.push_back({alias_, with.id, std::move(names)});
  if (!answer->ack.note.empty()) {
    const bool newest = with.out.open().empty();
    work_.noted.push_back({alias_, with.id, to_bytes(answer->ack.note), newest && now - pace_.said_at() < minutes(1)});
    with.hungry = true;  // it may ask for something to be said again
  }
  if (!self_.commune) relay_need_.was_relayed(with.relayed);
  pace_.answered(now, with.relayed ? Grant{} : answer->ack.grant);
  return Heard::answer;
}

Peer::Heard Peer::on_ask(const Frame& frame) {
  Association* with = all_.on_control(frame);
  if (with == nullptr) return Heard::nothing;
  answering_.heard_in(*with);
  if (frame.body.empty()) return Heard::word;
  Reader from(frame.body);
  const auto again = with->in.counter_of(from.u8());
  const std::uint8_t flags = from.u8();
  if (again && from.ok() && (flags & ~stream_flag::all) == 0) with->in.take(*again, flags, from.rest());
  return Heard::word;
}

std::optional<Report> Peer::on_report(Instant now, const Frame& frame, const ObjectOut& object) {
  const Association* before = all_.current();
  const auto out = all_.on_report(frame, object);
  note_confirmed(before);
  if (out) pace_.heard(now);
  return out;
}

bool Peer::on_control(Instant now, const Frame& frame) {
  const Association* before = all_.current();
  const bool out = all_.on_control(frame) != nullptr;
  note_confirmed(before);
  if (out) pace_.heard(now);
  return out;
}

/// Where this hamlet joins, all the others may join as well: their power returned.
void Peer::put_off(Instant now, Instant until) { pace_.put_off(now, until, !self_.commune && joining() ? 8 : 2); }

// --- speaking

/// It costs a JOIN in place of another frame: never in a quiet hour.
bool Peer::may_try_itself(Instant now) const {
  const Association* with = all_.current();
  if (self_.commune || with == nullptr || !with->relayed || joining()) return false;
  const bool has_news = with->out.open().empty() && with->out.may_cut() && pace_.may_speak(now);
  return has_news && !answering_.owed() && relay_need_.may_try_itself(now);
}

void Peer::try_itself(Instant now) {
  begin_joining(now);
  pace_.speak_at(now);
  relay_need_.try_itself(now);
}

void Peer::tick(Instant now) {
  const bool unanswered = speaking() != nullptr && !speaking()->out.open().empty();
  if (may_try_itself(now)) return try_itself(now);
  if (!pace_.tick(now, unanswered)) return;
  relay_need_.tried_in_vain();
  if (failures() % failures_before_joining != 0) return;
  if (self_.commune) {
    all_.end_pending();  // nobody confirmed it: perhaps somebody replayed that JOIN
  } else if (all_.current() != nullptr) {
    begin_joining(now);
  }
}

void Peer::rest(Instant now, bool rests) {
  rests_ = rests;
  if (rests) return;
  on_local_change();
  if (calls()) pace_.speak_not_before(now + pace_.random_up_to(seconds(60)));
}

bool Peer::has_word(Instant now) const {
  const Association* with = speaking();
  if (with == nullptr || (rests_ && with->out.open().empty())) return false;
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
    if (now < pace_.burst_from()) return Next::nothing;
    const OutStream& out = with->out;
    const bool new_one = out.may_cut() && out.promised_more();
    if (out.lost_from(pace_.burst_next()) != nullptr || new_one) return Next::burst;
  }
  return pace_.may_speak(now) && has_word(now) ? Next::word : Next::nothing;
}

bool Peer::urgent() const { return speaking() != nullptr && speaking()->out.urgent(); }

/// There is nothing new to say, or no answer came to what was said.
bool Peer::asks() const { return failures() != 0 || (speaking()->out.open().empty() && !speaking()->out.may_cut()); }

std::size_t Peer::next_octets(Instant now, Micros left) const {
  if (calls()) return frame_cost;
  const Association& with = *speaking();
  if (next(now) == Next::burst) {
    const OutStream::Cut* lost = with.out.lost_from(pace_.burst_next());
    const std::size_t whole = all_.frames().data_octets(with, lost);
    const auto airtime = [&](std::size_t octets) {
      return timing_.airtime_with(octets, pace_.burst_spreading_factor());
    };
    const std::size_t within = lost == nullptr ? frame_octets_within(airtime, whole, left) : whole;
    return within < shortened_octets_min ? whole : within;
  }
  if (joining()) return all_.frames().join_octets(with);
  if (asks()) return all_.frames().ask_octets(with);
  return all_.frames().data_octets(with, with.out.open().empty() ? nullptr : &with.out.open().front());
}

bool Peer::next_asks_once(Instant now) const {
  return next(now) == Next::word && failures() == 1 && !calls() && !joining() && next_octets(now) == frame_cost;
}

/// Asking first would cost an answer, and nobody else is there to be kept still. Not where the burst would take long,
/// or a grant may name a quicker spreading factor.
bool Peer::bursts_unasked(Instant now) const {
  const Association* with = speaking();
  return !self_.commune && !joining() && !with->relayed && failures() == 0 && with->out.open().empty() &&
         with->out.octets_uncut() > timing_.body_max() && pace_.has_it_alone(now) && timing_.may_burst_unasked();
}

unsigned Peer::burst_spreading_factor(Instant now) const {
  const bool bursts = pace_.in_burst(now) && (now < pace_.burst_from() || next(now) == Next::burst);
  return bursts ? pace_.burst_spreading_factor() : 0;
}

Bytes Peer::call(Instant now) {
  pace_.pause(now, calls_.call(now));
  return all_.frames().call();
}

Bytes Peer::say(Instant now, std::size_t octets_max) {
  if (calls()) return call(now);
  const bool burst = next(now) == Next::burst;
  Association& with = *speaking();
  Bytes out;
  if (burst) {
    const OutStream::Cut* lost = with.out.lost_from(pace_.burst_next());
    const bool shorter = lost == nullptr && octets_max < next_octets(now);
    const std::size_t body_max = std::min(timing_.body_max(), octets_max - frame_cost);
    const OutStream::Cut& cut = lost != nullptr ? *lost : with.out.cut(body_max, shorter || pace_.burst_ends());
    pace_.sent_of_burst(cut.counter);
    loss_.said();
    out = all_.frames().data(with, cut);
    if (!shorter && next(now) == Next::burst) return out;
    pace_.end_burst();
  } else if (joining()) {
    self_.rng->fill(with.tokens.hamlet);
    with.relayed = relay_need_.asks_for_relay(now);
    out = all_.frames().join(with);
    std::copy_n(out.end() - join_said_.size(), join_said_.size(), join_said_.begin());
  } else if (asks()) {
    out = all_.frames().ask(with);
  } else {
    const bool new_one = with.out.open().empty();
    const bool begins = bursts_unasked(now);
    loss_.said();
    out = all_.frames().data(with, new_one ? with.out.cut(timing_.body_max(), !begins) : with.out.open().front());
    if (begins) {
      pace_.begin_burst(now, grant_frames_alone);
      pace_.sent_of_burst(with.out.open().front().counter);
      relay_need_.said(now);
      return out;
    }
  }
  pace_.said(now, out.size());
  relay_need_.said(now);
  return out;
}

Bytes Peer::report(const Report& report, const std::optional<StreamDigest>& has) {
  return all_.frames().report(*all_.current(), report, has);
}

// --- records

void Peer::add_work(Instant now, bool blocked, RadioWork& to) {
  blocked_ = blocked;
  if (auto arrived = answering_.take_arrived(alias_)) work_.arrived.push_back(std::move(*arrived));
  if (const auto from = loads_from(); from && now >= *from) {
    const std::size_t uncut = speaking()->out.octets_uncut();
    speaking()->loading = true;
    look_for_urgent_ = changed_ = false;
    work_.wanted.push_back(
        {alias_, speaking()->id, uncut < octets_ahead ? octets_ahead - uncut : 1, speaking()->relayed});
  }
  work_.ended = all_.take_ended();
  to.take_over(work_);
}

void Peer::on_committed(const RadioWorkDone::Committed& done) {
  for (Association* with : {all_.current(), all_.pending()}) {
    if (with == nullptr || with->id != done.association) continue;
    with->in.committed(done.frames);
    // It goes with every answer about these frames: the first may be lost.
    with->note = done.note;
    with->hungry = true;  // what came may ask for something to be said
  }
}

void Peer::on_loaded(Instant now, RadioWorkDone::Loaded done) {
  // What is urgent would stand behind what may not go: in a new association it comes first.
  const bool passes = blocked_ && !self_.commune && all_.current() != nullptr &&
                      all_.current()->id == done.association && !all_.current()->out.urgent() &&
                      std::ranges::any_of(done.pieces, &StreamPiece::urgent);
  if (passes) {
    begin_joining(now);
    pace_.speak_at(now);
    return;
  }
  for (Association* with : {all_.current(), all_.pending()}) {
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
  all_.end_all();
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
  if (with == nullptr || !with->hungry || with->loading || rests_) return std::nullopt;
  const bool loads = with->out.octets_uncut() < octets_ahead / 2 || (blocked_ && look_for_urgent_);
  return loads ? std::optional(load_at_) : std::nullopt;
}

std::optional<Instant> Peer::speaks_from(Instant now) const {
  const Association* with = speaking();
  if (with == nullptr) return calls() ? std::optional(pace_.speaks_from()) : std::nullopt;
  if (next(now) == Next::burst) return now;
  if (pace_.in_burst(now) && now < pace_.burst_from()) return pace_.burst_from();
  if (pace_.awaits()) return std::nullopt;
  if (has_word(now)) return pace_.speaks_from();
  if (joining() && with->out.octets_uncut() != 0) return std::max(pace_.speaks_from(), join_at_);
  if (!self_.commune && !joining() && heard_at()) return std::max(pace_.speaks_from(), *heard_at() + hours(12));
  return std::nullopt;
}

}  // namespace khuoi::radio
