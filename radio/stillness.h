#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>

#include "sync/base/time.h"

namespace khuoi::radio {

/// How long a node keeps still for others. Nobody can tell whether a grant to another is one, so such keep it still for
/// at most half of any minute.
class Stillness final {
 public:
  /// A grant to another was heard, that takes so long. Gives until when this node keeps still.
  Instant granted(Instant now, Micros asked) {
    while (!granted_.empty() && granted_.front().first + minute <= now) granted_.pop_front();
    Micros spent{};
    for (const auto& [when, how_long] : granted_) spent += how_long;
    const Micros still = std::min(asked, std::max(Micros(0), minute / 2 - spent));
    granted_.emplace_back(now, still);
    return now + still;
  }
  void keep(Instant until) { until_ = until; }
  [[nodiscard]] Instant until() const { return until_; }

 private:
  static constexpr Micros minute = std::chrono::minutes(1);
  Instant until_{};
  std::deque<std::pair<Instant, Micros>> granted_;  ///< in the last minute
};

}  // namespace khuoi::radio
