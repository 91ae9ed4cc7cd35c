#pragma once

#include <algorithm>
#include <optional>

#include "sync/base/time.h"

namespace khuoi::radio {

/// How often a commune asks a hamlet to join, and a hamlet does so.
class Calls final {
 public:
  /// Of the commune: somebody spoke with that alias under an association that it does not know. A call costs little;
  /// made-up frames cost five of them.
  [[nodiscard]] bool may_answer(Instant now) const {
    return in_vain_ < when_spoken_to && (!last_ || now - *last_ >= std::chrono::minutes(1));
  }
  /// Gives the pause until the next one.
  Micros call(Instant now) {
    last_ = now;
    const Micros pause = std::chrono::minutes(2) * (std::int64_t{1} << std::min(in_vain_++, 8U));
    return std::min<Micros>(pause, std::chrono::hours(1));
  }
  void joined() { in_vain_ = 0; }

  /// Of the hamlet: a call may be one that somebody repeats.
  [[nodiscard]] bool may_follow(Instant now) const { return !last_ || now - *last_ >= std::chrono::hours(1); }
  void followed(Instant now) { last_ = now; }

 private:
  static constexpr unsigned when_spoken_to = 5;
  unsigned in_vain_ = 0;
  std::optional<Instant> last_;
};

}  // namespace khuoi::radio
