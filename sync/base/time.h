#pragma once

#include <chrono>
#include <cstdint>

namespace khuoi {

using Micros = std::chrono::microseconds;

/// Our own monotonic clock type. It has no now(): only node/ and sim/ can make an Instant.
struct CoreClock {
  using duration = Micros;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<CoreClock>;
  static constexpr bool is_steady = true;
};
using Instant = CoreClock::time_point;

/// Wall time for people, seconds since 1970 UTC. It decides nothing but what a person reads and when a loudspeaker
/// may speak, and then only when trusted.
struct UnixSeconds {
  std::int64_t value = 0;
  auto operator<=>(const UnixSeconds&) const = default;
};

/// What the driver knows of time when it calls into the core.
struct Now {
  Instant monotonic{};
  UnixSeconds wall{};
};

}  // namespace khuoi
