#pragma once

#include "sync/peers/passages.h"

namespace khuoi::sync {

/// The commune's time, as it was last told since this start, carried on by the monotonic clock.
class TrustedTime final {
 public:
  /// `live`: a live answer told it. No statement, which may have been days under way, outranks that until the next start.
  void tell(UnixSeconds at, const Now& now, bool live) {
    if (live_ && !live) return;
    told_.emplace(at, now.monotonic);
    live_ = live;
  }
  [[nodiscard]] std::optional<UnixSeconds> at(const Now& now) const {
    if (!told_) return std::nullopt;
    const auto since = std::chrono::duration_cast<std::chrono::seconds>(now.monotonic - told_->second).count();
    return UnixSeconds{told_->first.value + since};
  }
  [[nodiscard]] bool is_live() const { return live_; }
  /// Now, as it is noted for people: the commune's time if a live answer told it, else this box's own.
  [[nodiscard]] Passages::Moment moment(const Now& now) const {
    return {live_ ? *at(now) : now.wall, live_};
  }
  /// This box left the commune that told it.
  void forget() { *this = {}; }

 private:
  std::optional<std::pair<UnixSeconds, Instant>> told_;
  bool live_ = false;
};

}  // namespace khuoi::sync
