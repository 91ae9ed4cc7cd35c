#pragma once

#include <algorithm>
#include <deque>
#include <optional>

#include "radio/modem/modem.h"
#include "radio/snr_floor.h"

namespace khuoi::radio {

/// How one node is heard, by its last frames.
class SnrMemory final {
 public:
  void heard(double snr_db) {
    last_.push_back(snr_db);
    if (last_.size() > remembered) last_.pop_front();
  }
  /// A burst with another spreading factor was not heard at all: none for an hour.
  void burst_failed(Instant now) { not_before_ = now + std::chrono::hours(1); }
  /// With which spreading factor it may send a burst, quicker than its own; 0: none.
  [[nodiscard]] std::uint8_t burst_spreading_factor(Instant now, unsigned own) const {
    if (last_.empty() || now < not_before_) return 0;
    const auto quick = spreading_factor_for(*std::ranges::min_element(last_), margin_db);
    return quick && *quick < own ? static_cast<std::uint8_t>(*quick) : std::uint8_t{0};
  }

 private:
  static constexpr std::size_t remembered = 6;
  static constexpr double margin_db = 6;
  std::deque<double> last_;
  Instant not_before_{};
};

}  // namespace khuoi::radio
