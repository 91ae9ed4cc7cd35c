#pragma once

#include <deque>
#include <optional>
#include <string>

#include "sim/scenario.h"

namespace khuoi::sim {

struct Verdict {
  std::optional<std::string> violation;
  std::uint64_t digest = 0;
  std::uint64_t events = 0;
  std::deque<std::string> last_events;
};

/// Lives one seed from its first enrolment to rest. The same scenario gives the same verdict on every machine.
Verdict run(const Scenario& scenario, bool aloud);

}  // namespace khuoi::sim
