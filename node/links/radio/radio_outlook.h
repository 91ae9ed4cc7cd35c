#pragma once

#include "node/links/link.h"

namespace khuoi::node {

/// How a radio stands.
struct RadioFacts {
  bool modem_up = false;
  bool fiber_up = false;
  std::optional<UnixSeconds> fiber_at;  ///< it is waited for
  std::optional<UnixSeconds> blocked_until;
  std::optional<Micros> heard_ago;
  unsigned failures = 0;  ///< words without an answer, in a row
  bool associated = false;
  std::size_t octets_waiting = 0, octets_held = 0;
  // The air:
  std::size_t frame_octets = 0;  ///< of the stream, in a full frame
  Micros frame_airtime{};
  unsigned loss_permille = 0;
  Micros used{};   ///< on the air within the last hour
  Micros limit{};  ///< of any hour, for what is not urgent
};

/// What becomes of what waits. Pure.
LinkOutlook outlook_of(const RadioFacts& facts);

/// Until so much more has been on the air and the answers came back. Nothing: never, with this limit.
std::optional<Micros> time_to_send(std::size_t octets, const RadioFacts& facts);

}  // namespace khuoi::node
