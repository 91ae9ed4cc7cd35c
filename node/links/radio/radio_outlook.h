#pragma once

#include "node/links/link.h"
#include "radio/station.h"

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
  Micros burst_frame_airtime{};  ///< of such a frame in a burst, which may be quicker
  bool relayed = false;          ///< a neighbour says each frame once more, and no bursts are granted
  unsigned loss_permille = 0;
  Micros used{};   ///< on the air within the last hour
  Micros limit{};  ///< of any hour, for what is not urgent
};

/// What becomes of what waits. Pure.
LinkOutlook outlook_of(const RadioFacts& facts);

/// What is known of the peers, of the slowest way to one for whom something waits.
void add_peers(const radio::Station::Figures& figures, RadioFacts& facts);
/// The spreading factor of bursts to the slowest of those; 0: that of all else.
unsigned burst_factor_of(const radio::Station::Figures& figures);

/// Until so much more has been on the air and the answers came back. Nothing: never, with this limit.
std::optional<Micros> time_to_send(std::size_t octets, const RadioFacts& facts);

}  // namespace khuoi::node
