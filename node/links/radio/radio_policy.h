#pragma once

#include "node/links/radio/fiber_hours.h"
#include "sync/base/radio_work.h"

namespace khuoi::node {

/// What is worth airtime now, and what waits for something faster. Pure.
///
/// While the fiber is up nothing begins. Where it comes up at about the same time each day and that time is near,
/// ordinary dossiers, messages and notes wait for it; what a form calls urgent never does. Photos and records over 16
/// KiB never go by radio, and of what the commune writes only dossiers' states, messages and announcements do:
/// sync/contact/radio holds to that whatever is decided here.
class RadioPolicy final {
 public:
  /// `wait`: longest time before the fiber is expected; zero: nothing waits for it.
  RadioPolicy(std::chrono::hours wait, FiberHours hours) : wait_(wait), hours_(std::move(hours)) {}

  struct Seen {
    bool fiber_up = false;
    std::optional<UnixSeconds>
        now;  ///< as the commune told it; none: this box's clock is not trusted, and nothing waits
  };
  /// How things are. True: hours() are to be written down.
  bool look(const Seen& seen);

  [[nodiscard]] RadioGoes goes() const { return goes_; }
  /// What waits, waits for the fiber, which is expected then.
  [[nodiscard]] std::optional<UnixSeconds> fiber_at() const { return fiber_at_; }
  [[nodiscard]] const FiberHours& hours() const { return hours_; }

 private:
  std::chrono::hours wait_;
  FiberHours hours_;
  RadioGoes goes_ = RadioGoes::all;
  std::optional<UnixSeconds> fiber_at_;
};

}  // namespace khuoi::node
