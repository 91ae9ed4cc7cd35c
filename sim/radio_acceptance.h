#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sync/base/time.h"

namespace khuoi::sim {

/// What came of the radio's acceptance scenario: a hundred submissions, three announcements and a form between a commune
/// and six hamlets by radio alone, SF9, 20 % loss in bursts, while a modem is pulled out for a while and two nodes
/// restart.
struct RadioAcceptance {
  std::size_t submissions = 0;          ///< of 100 that the commune has
  std::size_t announcements = 0;        ///< of 3 × 6 that hamlets have
  std::size_t forms = 0;                ///< of 6
  Micros took{};                        ///< until the last of them, or until it was given up
  std::vector<std::string> waits;       ///< what did not arrive, a line each
  std::vector<std::string> on_the_air;  ///< of each node: in all, its worst hour and what is allowed
  std::string violation;                ///< empty: none
  [[nodiscard]] bool complete() const { return violation.empty() && waits.empty(); }
};
/// `concentrator`: at the commune, behind a packet forwarder, in place of an RNode.
RadioAcceptance live_radio_acceptance(std::uint64_t seed, bool concentrator, bool aloud);

/// `khuoi-sim --radio-acceptance [SEED] [--concentrator]`: prints it. Returns the exit code.
int run_radio_acceptance(std::uint64_t seed, bool concentrator);

}  // namespace khuoi::sim
