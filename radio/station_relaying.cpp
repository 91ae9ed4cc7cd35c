#include <algorithm>

#include "radio/station.h"

namespace khuoi::radio {

/// A hamlet tells whom it hears calling in vain, or the commune whom it shall serve.
bool Station::on_relaying(Instant now, const Frame& frame) {
  const auto found = peers_.find(frame.alias);
  const auto hears = config_.commune && frame.type == FrameType::hears ? decode_hears(frame.body) : std::nullopt;
  const auto serve = !config_.commune && frame.type == FrameType::serve ? decode_serve(frame.body) : std::nullopt;
  if (found == peers_.end() || (!hears && !serve) || !found->second.peer->on_control(now, frame)) return false;
  ++figures_.frames_in;
  if (serve) repeater_->serve(now, *serve);
  for (const NeighbourHeard& one : hears.value_or(std::vector<NeighbourHeard>())) {
    const auto whom = peers_.find(one.alias);
    if (whom == peers_.end()) continue;
    const auto heard_at = whom->second.peer->heard_at();
    const bool heard_itself = !whom->second.peer->relayed() && heard_at && now - *heard_at < std::chrono::minutes(10);
    if (!heard_itself) relays_.on_hears(now, frame.alias, one);
  }
  return true;
}

/// A neighbour's frame, or word of one that calls in vain.
std::optional<Bytes> Station::pass_on(Instant now) {
  if (!repeater_ || peers_.empty()) return std::nullopt;
  if (const auto octets = repeater_->next_octets(now, ledger_.limits().hour);
      octets && take(now, *octets, false, config_.base))
    return repeater_->take(now);
  Peer& commune = *peers_.begin()->second.peer;
  const Bytes body = encode_hears(repeater_->to_tell(now));
  if (body.empty() || !commune.associated() || commune.relayed() ||
      !take(now, frame_cost + body.size(), false, config_.base))
    return std::nullopt;
  repeater_->told(now);
  return commune.control(FrameType::hears, body);
}

std::optional<Bytes> Station::appoint(Instant now) {
  auto serve = relays_.due(now);
  if (!serve) return std::nullopt;
  const auto found = peers_.find(serve->by);
  if (found == peers_.end() || !found->second.peer->associated()) {
    relays_.settle(now);
    return std::nullopt;
  }
  const std::size_t most = timing_of(serve->by).body_max() / sizeof(RadioAlias);
  if (serve->aliases.size() > most) serve->aliases.resize(most);
  const Bytes body = encode_serve(serve->aliases);
  if (!take(now, frame_cost + body.size(), false, channel_of(serve->by))) return std::nullopt;
  relays_.settle(now);
  return found->second.peer->control(FrameType::serve, body);
}

}  // namespace khuoi::radio
