#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "sync/base/time.h"

namespace khuoi::radio {

/// A modem that is being told another spreading factor while its radio is on: told again while it does not answer, and
/// given up after a while.
class FactorSwitch final {
 public:
  void begin(unsigned factor, Instant now) {
    to_ = factor;
    tell_at_ = now;
    over_at_ = now + patience;
  }
  [[nodiscard]] bool under_way() const { return to_.has_value(); }
  /// The factor to tell it now; nothing: it is not time yet.
  std::optional<unsigned> tell(Instant now) {
    if (!to_ || now < tell_at_) return std::nullopt;
    tell_at_ = now + again;
    return to_;
  }
  /// It says that this one is in force. True: that ends the switch.
  bool took(unsigned factor) {
    if (to_ != factor) return false;
    to_.reset();
    return true;
  }
  [[nodiscard]] bool in_vain(Instant now) const { return to_ && now >= over_at_; }
  void drop() { to_.reset(); }
  /// While it is under way.
  [[nodiscard]] Instant deadline() const { return std::min(tell_at_, over_at_); }

 private:
  static constexpr Micros again = std::chrono::seconds(1), patience = std::chrono::seconds(3);
  std::optional<unsigned> to_;
  Instant tell_at_{}, over_at_{};
};

}  // namespace khuoi::radio
