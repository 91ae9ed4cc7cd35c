#include "radio/station.h"

#include <algorithm>
#include <utility>

namespace khuoi::radio {

namespace {
constexpr Micros minute = std::chrono::minutes(1);
}  // namespace

Station::Station(Config config, FrameKeys& keys, Rng& rng, DutyLedger& ledger)
    : config_(std::move(config)), keys_(keys), rng_(rng), ledger_(ledger) {}

void Station::set_peers(Instant now, const std::vector<RadioAlias>& aliases) {
  std::erase_if(peers_, [&](const auto& one) { return std::ranges::find(aliases, one.first) == aliases.end(); });
  for (const RadioAlias alias : aliases) {
    One& one = peers_[alias];
    if (one.peer) continue;
    one.peer =
        std::make_unique<Peer>(Peer::Self{config_.commune, &keys_, &rng_, &next_id_, &config_.timing}, alias, now);
  }
  if (turn_ && !is_mine(turn_->alias)) turn_.reset();
}

void Station::drop_associations(Instant now) {
  for (auto& [alias, one] : peers_) one.peer->drop_associations(now);
  turn_.reset();
}

void Station::on_local_change() {
  for (auto& [alias, one] : peers_) one.peer->on_local_change();
}

// --- hearing

void Station::on_frame(Instant now, ByteView octets, const Signal& signal) {
  const auto frame = decode_frame(octets);
  const auto found = frame ? peers_.find(frame->alias) : peers_.end();
  const auto heard = found == peers_.end() ? Peer::Heard::nothing : found->second.peer->on_frame(now, *frame);
  if (heard == Peer::Heard::nothing) {
    if (frame) overhear(now, *frame);
    ++figures_.frames_junk;
    return;
  }
  ++figures_.frames_in;
  found->second.signal = signal;
  found->second.granted_again = false;
  Peer& peer = *found->second.peer;
  peer.spent += config_.timing.airtime(octets.size());
  if (heard == Peer::Heard::data) on_data(now, peer);
  if (heard == Peer::Heard::word) {
    if (turn_ && turn_->alias == peer.alias()) turn_.reset();  // it did not hear the grant
    peer.owe_answer();
  }
}

void Station::on_data(Instant now, Peer& peer) {
  if (!turn_ || turn_->alias != peer.alias()) {
    peer.owe_answer();
    return;
  }
  turn_heard_ = true;
  const unsigned left = peer.left_of_burst();
  turn_->until = now + config_.timing.next_of_burst(left);
  if (left == 0) end_turn(true);
}

/// Where nothing came, the grant itself was lost most likely: it is said once more.
void Station::end_turn(bool anything) {
  const auto found = peers_.find(turn_->alias);
  turn_.reset();
  if (found == peers_.end()) return;
  const bool again = !anything && !std::exchange(found->second.granted_again, true);
  if (anything || again) found->second.peer->owe_answer();
}

/// Nobody can tell whether a grant to another is one, so it keeps this node still for a bounded time.
void Station::overhear(Instant now, const Frame& frame) {
  const bool welcome = frame.type == FrameType::welcome;
  if (!welcome && frame.type != FrameType::ack) return;
  if (welcome && frame.body.size() < token_octets) return;
  const auto ack = decode_ack(frame.flags, frame.body.subspan(welcome ? token_octets : 0));
  if (!ack || is_mine(frame.alias)) return;
  Micros still{};
  while (!quiet_.empty() && quiet_.front().first + minute <= now) quiet_.pop_front();
  Micros spent{};
  for (const auto& [when, how_long] : quiet_) spent += how_long;
  if (ack->grant) {
    const Micros asked = config_.timing.burst(std::min<unsigned>(*ack->grant, grant_frames_max));
    still = std::min(asked, std::max(Micros(0), minute / 2 - spent));
    quiet_.emplace_back(now, still);
  }
  quiet_until_ = now + still;
  for (auto& [alias, one] : peers_) one.peer->put_off(now, quiet_until_);
}

// --- records

RadioWork Station::take_work(Instant now) {
  RadioWork out;
  if (working_) return out;
  for (auto& [alias, one] : peers_) one.peer->add_work(now, blocked_until_.has_value(), out);
  working_ = !out.empty();
  in_work_.clear();
  for (const auto& one : out.arrived) in_work_.push_back(one.alias);
  for (const auto& one : out.wanted) in_work_.push_back(one.alias);
  for (const auto& one : out.confirmed) in_work_.push_back(one.alias);
  return out;
}

void Station::done(Instant now, RadioWorkDone done) {
  working_ = false;
  for (const auto& one : done.committed) {
    if (is_mine(one.alias)) peers_[one.alias].peer->on_committed(one);
  }
  for (auto& one : done.loaded) {
    if (is_mine(one.alias)) peers_[one.alias].peer->on_loaded(now, std::move(one));
  }
}

void Station::failed(Instant now) {
  working_ = false;
  for (const RadioAlias alias : std::exchange(in_work_, {})) {
    if (is_mine(alias)) peers_[alias].peer->drop_associations(now);
  }
}

// --- speaking

bool Station::take(Instant now, std::size_t octets, bool urgent, Peer& peer) {
  const Micros airtime = config_.timing.airtime(octets);
  const auto priority = urgent ? DutyLedger::Priority::urgent : DutyLedger::Priority::normal;
  if (!ledger_.take(now, airtime, priority)) {
    const auto when = ledger_.earliest(now, airtime, priority);
    blocked_until_ = std::min(blocked_until_.value_or(Instant::max()), when.value_or(now + std::chrono::hours(1)));
    return false;
  }
  peer.spent += airtime;
  ++figures_.frames_out;
  return true;
}

std::optional<Bytes> Station::next(Instant now) {
  blocked_until_.reset();
  for (auto& [alias, one] : peers_) one.peer->tick(now);
  if (turn_ && now >= turn_->until) end_turn(turn_heard_);
  if (turn_) return std::nullopt;
  if (auto out = speak(now, Peer::Next::burst)) return out;
  if (now < quiet_until_) return std::nullopt;
  if (auto out = answer_one(now)) return out;
  return speak(now, Peer::Next::word);
}

/// Urgent ones first, then whoever was on the air least.
std::optional<Bytes> Station::answer_one(Instant now) {
  Peer* best = nullptr;
  const auto before = [](const Peer& a, const Peer& b) {
    return std::pair(!a.its_word_was_urgent(), a.spent) < std::pair(!b.its_word_was_urgent(), b.spent);
  };
  for (auto& [alias, one] : peers_) {
    if (one.peer->answer_ready() && (best == nullptr || before(*one.peer, *best))) best = one.peer.get();
  }
  const std::uint8_t grant =
      best == nullptr ? 0 : best->frames_wanted(alone(now, *best) ? grant_frames_alone : grant_frames_max);
  if (best == nullptr || !take(now, best->answer_octets(grant), true, *best)) return std::nullopt;
  Bytes out = best->answer(grant);
  if (grant != 0) {
    turn_ = Turn{best->alias(),
                 now + config_.timing.airtime(out.size()) + config_.timing.gap + config_.timing.next_of_burst(grant)};
    turn_heard_ = false;
  }
  return out;
}

bool Station::alone(Instant now, const Peer& with) const {
  return std::ranges::none_of(peers_, [&](const auto& one) {
    const auto heard_at = one.second.peer->heard_at();
    return one.second.peer.get() != &with && heard_at && now - *heard_at < std::chrono::minutes(15);
  });
}

std::optional<Bytes> Station::speak(Instant now, Peer::Next what) {
  Peer* best = nullptr;
  const auto before = [](const Peer& a, const Peer& b) {
    return std::pair(!a.urgent(), a.spent) < std::pair(!b.urgent(), b.spent);
  };
  for (auto& [alias, one] : peers_) {
    if (one.peer->next(now) == what && (best == nullptr || before(*one.peer, *best))) best = one.peer.get();
  }
  if (best == nullptr || !take(now, best->next_octets(now), best->urgent(), *best)) return std::nullopt;
  return best->say(now);
}

std::optional<Instant> Station::wake(Instant now) const {
  std::optional<Instant> out;
  const auto at = [&](Instant when) { out = out ? std::min(*out, when) : when; };
  Instant free_from = std::max(now, blocked_until_.value_or(now));
  if (turn_) {
    at(turn_->until);
    free_from = std::max(free_from, turn_->until);
  }
  for (const auto& [alias, one] : peers_) {
    if (const auto when = one.peer->deadline()) at(*when);
    if (const auto when = one.peer->loads_from(); when && !working_) at(*when);
    if (one.peer->hands_up() && !working_) at(now);  // next() may have ended its turn
    if (one.peer->answer_ready()) at(std::max(free_from, quiet_until_));
    const auto speaks = one.peer->speaks_from(now);
    if (speaks) at(std::max({*speaks, free_from, one.peer->next(now) == Peer::Next::burst ? now : quiet_until_}));
  }
  return out;
}

Station::Figures Station::figures() const {
  Figures out = figures_;
  out.blocked_until = blocked_until_;
  for (const auto& [alias, one] : peers_) {
    const Peer& peer = *one.peer;
    out.peers.push_back(
        {alias, peer.associated(), peer.heard_at(), one.signal, peer.octets_waiting(), peer.failures(), peer.spent});
  }
  return out;
}

}  // namespace khuoi::radio
