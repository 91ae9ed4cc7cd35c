#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <optional>

#include "sync/base/bytes.h"
#include "sync/base/result.h"
#include "sync/base/time.h"

namespace khuoi::radio {

/// Tells one start of the machine from another (Linux: /proc/sys/kernel/random/boot_id).
using BootId = std::array<std::uint8_t, 16>;

/// How long a node may be on the air within any hour, and how long it was. No restart and no clock empties it: it ages
/// by the machine's monotonic clock alone, and what stands in it from an earlier start of the machine is as young as
/// this start.
///
/// The driver's rule: take() a frame's time; while unsaved(), write encode() and sync it; only then hand the frame to
/// the modem; ended() once it has left the modem, or the modem was given up. That may be told up to a minute too early:
/// what is told to have ended counts for an hour and a minute. Memory: 62 rows.
class DutyLedger final {
 public:
  struct Limits {
    Micros hour{};         ///< on the air in any hour
    Micros urgent_only{};  ///< the last part of it
  };
  enum class Priority : std::uint8_t { normal, urgent };
  static Priority priority_of(bool urgent) { return urgent ? Priority::urgent : Priority::normal; }

  DutyLedger(const Limits& limits, const BootId& boot) : limits_(limits), boot_(boot) {}
  /// What encode() gave, perhaps in an earlier start of the machine. Errors: malformed; then nobody knows how much of
  /// the hour is left: begin with spent().
  static Result<DutyLedger> load(const Limits& limits, const BootId& boot, ByteView saved, Instant now);
  /// The whole hour is used up now.
  static DutyLedger spent(const Limits& limits, const BootId& boot, Instant now);

  /// When a frame of that time on air may go at the earliest, if nothing else goes before; nothing: never.
  [[nodiscard]] std::optional<Instant> earliest(Instant now, Micros airtime, Priority priority) const;
  /// Takes it, if it may go now.
  bool take(Instant now, Micros airtime, Priority priority);
  /// Everything taken so far has been on the air by now.
  void ended(Instant now);
  /// Gives back what is reserved and was not taken: before a clean stop.
  void give_back();

  [[nodiscard]] bool unsaved() const { return unsaved_; }
  void saved() { unsaved_ = false; }
  /// boot id 16 | taken and reserved u64 us | n × (last u64 us of the monotonic clock, used u64 us)
  [[nodiscard]] Bytes encode() const;

  /// On the air within the last hour, what is taken and not yet sent included.
  [[nodiscard]] Micros used(Instant now) const;
  /// Of the hour, for a frame that goes now.
  [[nodiscard]] Micros left(Instant now, Priority priority) const {
    return std::max(Micros(0), limit(priority) - used(now));
  }
  [[nodiscard]] const Limits& limits() const { return limits_; }

 private:
  struct Row {
    Instant first, last;  ///< when the first and the last of it had been on the air
    Micros used{};
  };
  void add(Instant last, Micros used);
  [[nodiscard]] Micros limit(Priority priority) const;

  Limits limits_;
  BootId boot_;
  std::deque<Row> rows_;  ///< in the order of time
  Micros taken_{};        ///< and not known to have been on the air yet
  Micros reserved_{};     ///< in what is written, beyond what was taken
  bool unsaved_ = false;
};

}  // namespace khuoi::radio
