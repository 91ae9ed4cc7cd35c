#pragma once

#include <optional>
#include <set>

#include "sync/base/time.h"
#include "sync/record/header.h"

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
  /// This box left the commune that told it.
  void forget() { *this = {}; }

 private:
  std::optional<std::pair<UnixSeconds, Instant>> told_;
  bool live_ = false;
};

/// What a node learned since it started and keeps in no row: each start learns it anew.
class SinceStart final {
 public:
  TrustedTime& told_time() {
    ++changes_;
    return time_;
  }
  [[nodiscard]] const TrustedTime& told_time() const { return time_; }
  /// It came over a contact that answered this start's fresh nonce: as long as this start lasts it may play by itself.
  void note_live(const Ref& ref) {
    ++changes_;
    live_.insert(ref);
  }
  [[nodiscard]] bool came_live(const Ref& ref) const { return live_.contains(ref); }
  /// At most so often it changed.
  [[nodiscard]] std::uint64_t changes() const { return changes_; }

 private:
  TrustedTime time_;
  std::set<Ref> live_;
  std::uint64_t changes_ = 0;
};

}  // namespace khuoi::sync
