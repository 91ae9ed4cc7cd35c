#pragma once

#include <chrono>
#include <optional>

#include "sync/base/range_set.h"
#include "sync/base/time.h"

namespace khuoi::node {

/// In which quarters of an hour of the last days the fiber was up, and when it may be expected from that. Pure. Memory:
/// five days of quarters.
class FiberHours final {
 public:
  static constexpr std::int64_t quarter_seconds = 900;
  static constexpr std::int64_t days_kept = 5;
  /// The fiber is waited for so long past the time at which it was expected.
  static constexpr std::int64_t patience_seconds = 1800;

  FiberHours() = default;
  /// Of an earlier run of the program: numbers of quarters since 1970.
  explicit FiberHours(RangeSet quarters) : quarters_(std::move(quarters)) {}

  /// The fiber is up. True: that is news, to be written down.
  bool note_up(UnixSeconds now);
  /// When it comes up next, if it is less than `wait` away: it came up at about that time, an hour more or less, on at
  /// least three of the last four days, and not yet today. The latest of those times; until patience_seconds behind it
  /// this is still the answer. Nothing once a time within the last `wait` passed in vain, until the fiber is seen again
  /// or that is long ago: so whatever waits, waits for `wait` and half an hour at most.
  [[nodiscard]] std::optional<UnixSeconds> expected(UnixSeconds now, std::chrono::hours wait) const;

  [[nodiscard]] const RangeSet& quarters() const { return quarters_; }

 private:
  [[nodiscard]] std::optional<std::int64_t> usual_time(std::int64_t about) const;
  [[nodiscard]] bool was_up(std::int64_t from, std::int64_t to) const;

  RangeSet quarters_;
};

}  // namespace khuoi::node
