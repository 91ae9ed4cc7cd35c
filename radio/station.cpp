#include "radio/station.h"

#include <algorithm>
#include <utility>

#include "radio/fair_share.h"

namespace khuoi::radio {

constexpr Micros minute = std::chrono::minutes(1);

Station::Station(Config config, FrameKeys& keys, Rng& rng, DutyLedger& ledger)
    : config_(std::move(config)),
      keys_(keys),
      rng_(rng),
      ledger_(ledger),
      object_timing_(config_.timing),
      object_out_(keys_, object_timing_) {}

void Station::set_peers(Instant now, const std::vector<RadioAlias>& aliases) {
  std::erase_if(peers_, [&](const auto& one) {
    if (std::ranges::find(aliases, one.first) != aliases.end()) return false;
    object_out_.forget(one.first);
    listeners_.forget(one.first);
    served_.erase(one.first);
    relays_.forget(one.first);
    return true;
  });
  for (const RadioAlias alias : aliases) {
    One& one = peers_[alias];
    if (one.peer) continue;
    one.timing = std::make_unique<Timing>(config_.timing);
    one.peer =
        std::make_unique<Peer>(Peer::Self{config_.commune, &keys_, &rng_, &next_id_, one.timing.get(),
                                     config_.hidden},
                          alias, now);
    if (config_.commune && served_.contains(alias)) one.peer->rest(now, true);
  }
  if (turn_ && !is_mine(turn_->alias)) turn_.reset();
  if (!config_.commune && !object_in_ && !aliases.empty()) object_in_.emplace(keys_, config_.timing, aliases.front());
  if (!config_.commune && !repeater_) repeater_.emplace(config_.timing);
}

std::vector<RadioAlias> Station::joined() const {
  std::vector<RadioAlias> out;
  for (const auto& [alias, one] : peers_) {
    if (one.peer->joined() && !one.peer->relayed() && !served_.contains(alias)) out.push_back(alias);
  }
  return out;
}

void Station::set_served(Instant now, const std::set<RadioAlias>& aliases) {
  const std::set<RadioAlias> before = std::exchange(served_, aliases);
  if (!config_.commune || before == aliases) return;
  for (auto& [alias, one] : peers_) {
    const bool was = before.contains(alias), is = aliases.contains(alias);
    if (was == is) continue;
    one.peer->rest(now, is);
    listeners_.forget(alias);
    if (is) object_out_.forget(alias);
  }
  listeners_.look();
}

void Station::drop_associations(Instant now) {
  for (auto& [alias, one] : peers_) one.peer->drop_associations(now);
  turn_.reset();
  object_out_.drop();
}

void Station::on_local_change() {
  listeners_.look();
  for (auto& [alias, one] : peers_) one.peer->on_local_change();
}

// --- hearing

void Station::on_frame(Instant now, ByteView octets, const Signal& signal) {
  const auto frame = decode_frame(octets);
  if (frame && object_in_ && object_in_->on_frame(now, *frame)) {
    ++figures_.frames_in;
    for (auto& [alias, one] : peers_) one.peer->heard_without_help();
    return keep_still(now, object_in_->quiet_until());
  }
  if (frame && frame->type == FrameType::report && on_report(now, *frame)) return;
  if (frame && on_relaying(now, *frame)) return;
  if (frame && repeater_ && !is_mine(frame->alias) && frame->alias != group_alias)
    repeater_->on_frame(now, *frame, octets, signal);
  const auto found = frame ? peers_.find(frame->alias) : peers_.end();
  const bool had_joined = found != peers_.end() && found->second.peer->joined();
  const auto heard = found == peers_.end() ? Peer::Heard::nothing : found->second.peer->on_frame(now, *frame);
  if (heard == Peer::Heard::word && !had_joined) listeners_.look();
  if (heard == Peer::Heard::nothing) {
    if (frame) overhear(now, *frame);
    ++figures_.frames_junk;
    return;
  }
  ++figures_.frames_in;
  note_signal(found->second, signal);
  found->second.granted_again = false;
  Peer& peer = *found->second.peer;
  if (peer.heard_itself()) relays_.release(now, peer.alias());
  peer.spent += found->second.timing->airtime(octets.size());
  if (heard == Peer::Heard::data) on_data(now, peer);
  if (heard == Peer::Heard::word) {
    if (turn_ && turn_->alias == peer.alias()) turn_.reset();  // it did not hear the grant
    peer.answer().owe();
  }
}

void Station::on_data(Instant now, Peer& peer) {
  if (!turn_ && peer.answer().begins_burst()) turn_ = Turn{peer.alias(), 0, now};
  if (!turn_ || turn_->alias != peer.alias()) {
    peer.answer().owe();
    return;
  }
  turn_heard_ = true;
  const unsigned left = peer.answer().left_of_burst();
  turn_->until = now + timing_of(peer.alias()).next_of_burst(left, turn_->spreading_factor);
  if (left == 0) end_turn(now, true);
}

/// Where nothing came, the grant itself was lost most likely: it is said once more.
void Station::end_turn(Instant now, bool anything) {
  const RadioAlias alias = turn_->alias;
  const auto found = peers_.find(alias);
  const bool retuned = turn_->spreading_factor != 0;
  turn_.reset();
  if (retuned) retuned_at_ = now + timing_of(alias).retuned();
  if (found == peers_.end()) return;
  if (retuned && !anything) found->second.snr.burst_failed(now);
  const bool again = !anything && !std::exchange(found->second.granted_again, true);
  if (anything || again) found->second.peer->answer().owe();
}

void Station::overhear(Instant now, const Frame& frame) {
  const bool welcome = frame.type == FrameType::welcome;
  if (welcome ? frame.body.size() < token_octets : frame.type != FrameType::ack) return;
  const auto ack = decode_ack(frame.flags, frame.body.subspan(welcome ? token_octets : 0));
  if (!ack || is_mine(frame.alias)) return;
  Instant until = now;
  if (ack->grant.frames != 0)
    until = still_.granted(now, config_.timing.burst(std::min(ack->grant.frames, grant_frames_max)));
  keep_still(now, until);
}

void Station::keep_still(Instant now, Instant until) {
  still_.keep(until);
  for (auto& [alias, one] : peers_) one.peer->put_off(now, until);
}

bool Station::on_report(Instant now, const Frame& frame) {
  const auto found = peers_.find(frame.alias);
  const auto report = found == peers_.end() ? std::nullopt : found->second.peer->on_report(now, frame, object_out_);
  if (!report) return false;
  ++figures_.frames_in;
  found->second.peer->spent += found->second.timing->airtime(frame.before_mac.size() + frame.mac.size());
  object_out_.on_report(now, frame.alias, *report);
  return true;
}

RadioWork Station::take_work(Instant now) {
  RadioWork out;
  if (working_ || now < works_from_) return out;
  for (auto& [alias, one] : peers_) one.peer->add_work(now, blocked_until_.has_value(), out);
  if (object_in_) object_in_->add_work(out);
  told_in_work_ = object_out_.take_told();
  for (auto& one : told_in_work_) {
    const auto peer = peers_.find(one.alias);
    const auto heard_at = peer != peers_.end() ? peer->second.peer->heard_at() : std::nullopt;
    one.how = listeners_.told(now, one.alias, one.how, heard_at);
  }
  out.told = told_in_work_;
  if (config_.commune && !object_out_.busy() && out.told.empty()) out.listeners = listeners_.take(now, joined());
  working_ = !out.empty();
  in_work_.clear();
  for (const auto& one : out.arrived) in_work_.push_back(one.alias);
  for (const auto& one : out.wanted) in_work_.push_back(one.alias);
  for (const auto& one : out.confirmed) in_work_.push_back(one.alias);
  looks_when_done_ = std::ranges::any_of(out.confirmed, [](const auto& one) { return one.names.empty(); });
  return out;
}

void Station::done(Instant now, RadioWorkDone done) {
  working_ = false;
  works_failed_ = 0;
  if (looks_when_done_) listeners_.look();  // who lives in a new association may have been told less than was thought
  for (const auto& one : done.committed) {
    if (is_mine(one.alias)) peers_[one.alias].peer->on_committed(one);
  }
  for (auto& one : done.loaded) {
    if (is_mine(one.alias)) peers_[one.alias].peer->on_loaded(now, std::move(one));
  }
  if (done.object) std::erase_if(done.object->listeners, [&](RadioAlias alias) { return served_.contains(alias); });
  if (done.object && !done.object->listeners.empty()) {
    // Those that call on another channel are looked for once these have it.
    object_channel_ = channel_of(done.object->listeners.front());
    object_timing_ = config_.timing.at(config_.hears_all ? object_channel_.spreading_factor : 0);
    std::erase_if(done.object->listeners, [&](RadioAlias alias) { return channel_of(alias) != object_channel_; });
    object_out_.begin(std::move(*done.object));
  }
  for (const auto& one : done.objects_taken) {
    object_in_->on_taken(one);
    for (auto& [alias, peer] : peers_) peer.peer->on_local_change();  // it may have to ask for the time
  }
  for (const auto& one : std::exchange(told_in_work_, {})) {
    if (one.how == RadioWork::Told::How::alone && is_mine(one.alias)) peers_[one.alias].peer->on_local_change();
  }
}

void Station::failed(Instant now) {
  working_ = false;
  works_from_ = now + std::min<Micros>(std::chrono::seconds(std::int64_t{1} << std::min(works_failed_++, 6U)), minute);
  for (const RadioAlias alias : std::exchange(in_work_, {})) {
    if (is_mine(alias)) peers_[alias].peer->drop_associations(now);
  }
  if (object_in_) object_in_->on_failed();
  told_in_work_.clear();  // they are looked for again
  listeners_.look();
}

// --- speaking

void Station::note_signal(One& one, const Signal& signal) {
  one.signal = signal;
  one.snr.heard(signal.snr_db);
  // In a burst it may use a quicker spreading factor than the one that it listens with.
  const bool of_burst =
      turn_ && turn_->spreading_factor != 0 && signal.channel.spreading_factor == turn_->spreading_factor;
  if (!config_.hears_all || of_burst) return;
  const unsigned before = one.channel.value_or(config_.base).spreading_factor;
  one.channel = signal.channel;
  if (before != signal.channel.spreading_factor) *one.timing = config_.timing.at(signal.channel.spreading_factor);
}

unsigned Station::listens_at(Instant now) const {
  if (config_.hears_all) return config_.base.spreading_factor;
  for (const auto& [alias, one] : peers_) {
    if (const unsigned quick = one.peer->burst_spreading_factor(now)) return quick;
  }
  return turn_ && turn_->spreading_factor != 0 ? turn_->spreading_factor : config_.base.spreading_factor;
}

bool Station::take(Instant now, std::size_t octets, bool urgent, const Channel& channel) {
  channel_ = channel;
  const Micros airtime = config_.timing.airtime_with(octets, channel.spreading_factor);
  const auto priority = DutyLedger::priority_of(urgent);
  if (!ledger_.take(now, airtime, priority)) {
    const auto when = ledger_.earliest(now, airtime, priority);
    blocked_until_ = std::min(blocked_until_.value_or(Instant::max()), when.value_or(now + std::chrono::hours(1)));
    return false;
  }
  ++figures_.frames_out;
  return true;
}

void Station::tick(Instant now) {
  for (auto& [alias, one] : peers_) one.peer->tick(now);
  if (turn_ && now >= turn_->until) end_turn(now, turn_heard_);
  object_out_.tick(now);
}

std::optional<Bytes> Station::next(Instant now) {
  blocked_until_.reset();
  tick(now);
  if (turn_ || now < retuned_at_) return std::nullopt;
  if (auto out = speak(now, Peer::Next::burst)) return out;
  // In a burst with another spreading factor nothing else is said.
  if (!config_.hears_all && listens_at(now) != config_.base.spreading_factor) return std::nullopt;
  if (auto out = report(now)) return out;
  if (now < still_.until() || now < object_out_.listens_until().value_or(now)) return std::nullopt;
  const bool first = object_out_.in_round() || object_out_.urgent();
  if (auto out = first ? tell_all(now) : std::nullopt) return out;
  if (auto out = answer_one(now)) return out;
  if (auto out = tell_all(now)) return out;
  if (auto out = config_.commune ? appoint(now) : pass_on(now)) return out;
  return speak(now, Peer::Next::word);
}

/// A hamlet's turn, after what went to all.
std::optional<Bytes> Station::report(Instant now) {
  const auto due = object_in_ ? object_in_->due(now) : std::nullopt;
  if (!due || peers_.empty()) return std::nullopt;
  Peer& commune = *peers_.begin()->second.peer;
  object_in_->reported(now);
  if (served_.contains(commune.alias())) return std::nullopt;
  if (!commune.associated() || !take(now, report_octets, true, config_.base)) return std::nullopt;
  commune.spent += config_.timing.airtime(report_octets);
  return commune.report(due->report, due->has);
}

/// A commune's next frame to all hamlets.
std::optional<Bytes> Station::tell_all(Instant now) {
  if (object_out_.next(now) == ObjectOut::Next::nothing) return std::nullopt;
  if (!take(now, object_out_.next_octets(now), object_out_.urgent(), object_channel_)) return std::nullopt;
  return object_out_.say(now);
}

/// Urgent ones first, then whoever was on the air least.
std::optional<Bytes> Station::answer_one(Instant now) {
  const auto ready = [](const Peer& one) { return one.answer().ready(); };
  Peer* best = first_of(peers_, ready, [](const Peer& one) { return one.answer().its_word_was_urgent(); });
  const Grant grant = best == nullptr ? Grant{} : grant_for(now, *best);
  if (best == nullptr || !take(now, best->answer().octets(grant), true, channel_of(best->alias()))) return std::nullopt;
  Bytes out = best->answer().say(grant);
  const Timing& timing = timing_of(best->alias());
  best->spent += timing.airtime(out.size());
  if (grant.frames != 0) {
    const Micros until =
        timing.airtime(out.size()) + timing.gap + timing.next_of_burst(grant.frames, grant.spreading_factor);
    turn_ = Turn{best->alias(), grant.spreading_factor, now + until};
    turn_heard_ = false;
  }
  return out;
}

/// A burst of several frames goes with the quickest spreading factor that the other side is heard well enough for.
Grant Station::grant_for(Instant now, const Peer& peer) {
  Grant out;
  out.frames = peer.answer().frames_wanted(alone(now, peer) ? grant_frames_alone : grant_frames_max);
  const One& one = peers_.at(peer.alias());
  const bool quick = out.frames > 1 && config_.timing.airtime_at && !one.granted_again;
  if (quick) out.spreading_factor = one.snr.burst_spreading_factor(now, channel_of(peer.alias()).spreading_factor);
  return out;
}

bool Station::alone(Instant now, const Peer& with) const {
  return std::ranges::none_of(peers_, [&](const auto& one) {
    const auto heard_at = one.second.peer->heard_at();
    return one.second.peer.get() != &with && heard_at && now - *heard_at < std::chrono::minutes(15);
  });
}

/// Two may have granted bursts with factors of their own, and a modem may have but one at a time.
bool Station::is_tuned_for(Instant now, const Peer& with) const {
  const unsigned granted = with.next(now) == Peer::Next::burst ? with.burst_spreading_factor(now) : 0;
  return config_.hears_all || (granted != 0 ? granted : config_.base.spreading_factor) == listens_at(now);
}

std::optional<Bytes> Station::speak(Instant now, Peer::Next what) {
  const auto may = [&](const Peer& one) { return one.next(now) == what && is_tuned_for(now, one); };
  Peer* best = first_of(peers_, may, &Peer::urgent);
  if (best == nullptr) return std::nullopt;
  Channel channel = channel_of(best->alias());
  const unsigned quick = what == Peer::Next::burst ? best->burst_spreading_factor(now) : 0;
  if (quick != 0) channel.spreading_factor = quick;
  const std::size_t octets = best->next_octets(now, ledger_.left(now, DutyLedger::priority_of(best->urgent())));
  // A burst that used the hour up, and whose answer was lost, is asked about all the same.
  if (!take(now, octets, best->urgent() || best->next_asks_once(now), channel)) return std::nullopt;
  Bytes out = best->say(now, octets);
  best->spent += config_.timing.airtime_with(out.size(), channel.spreading_factor);
  return out;
}

std::optional<Instant> Station::wake(Instant now) const {
  std::optional<Instant> out;
  const auto at = [&](Instant when) { out = out ? std::min(*out, when) : when; };
  Instant free_from = std::max({now, blocked_until_.value_or(now), retuned_at_});
  if (turn_) {
    at(turn_->until);
    free_from = std::max(free_from, turn_->until);
  }
  if (const auto until = object_out_.listens_until()) {
    at(*until);
    free_from = std::max(free_from, *until);
  }
  if (object_out_.next(now) != ObjectOut::Next::nothing) at(std::max(free_from, still_.until()));
  if (config_.commune && !object_out_.busy() && !working_) {
    if (const auto when = listeners_.wake(now)) at(std::max(*when, works_from_));
  }
  if (const auto when = relays_.wake()) at(std::max({*when, free_from, still_.until()}));
  if (repeater_ && (repeater_->may_have_next() || !repeater_->to_tell(now).empty()))
    at(std::max({free_from, still_.until(), now + std::chrono::seconds(1)}));
  const Instant reports_from = std::max({now, retuned_at_, turn_ ? turn_->until : now});
  if (const auto when = object_in_ ? object_in_->report_at() : std::nullopt) at(std::max(*when, reports_from));
  for (const auto& [alias, one] : peers_) {
    if (const auto when = one.peer->deadline()) at(*when);
    if (const auto when = one.peer->loads_from(); when && !working_) at(std::max(*when, works_from_));
    if (one.peer->answer().hands_up() && !working_) at(std::max(now, works_from_));  // next() may have ended its turn
    if (one.peer->answer().ready()) at(std::max(free_from, still_.until()));
    const bool tuned = is_tuned_for(now, *one.peer);
    const auto speaks = tuned ? one.peer->speaks_from(now) : now + std::chrono::milliseconds(100);
    if (speaks) at(std::max({*speaks, free_from, one.peer->next(now) == Peer::Next::burst ? now : still_.until()}));
  }
  return out;
}

Station::Figures Station::figures() const {
  Figures out = figures_;
  out.blocked_until = blocked_until_;
  for (const auto& [alias, one] : peers_) {
    const Peer& peer = *one.peer;
    out.peers.push_back({alias, peer.associated(), peer.heard_at(), one.signal, peer.octets_waiting(), peer.failures(),
                         peer.relayed(), peer.last_burst_factor(), peer.spent, peer.loss_permille()});
  }
  return out;
}

}  // namespace khuoi::radio
