#pragma once

#include <optional>

namespace khuoi::radio {

inline constexpr unsigned spreading_factor_min = 7, spreading_factor_max = 12;

/// The least signal to noise, in dB within the bandwidth, at which a frame is decoded; SF 7 to 12: -7.5 to -20.
/// Source: SX1276 data sheet rev. 7, table 13.
constexpr double snr_floor_db(unsigned spreading_factor) {
  return -7.5 - 2.5 * (static_cast<double>(spreading_factor) - spreading_factor_min);
}

/// The quickest that leaves so much above its floor. Nothing: not even the slowest does.
constexpr std::optional<unsigned> spreading_factor_for(double snr_db, double margin_db) {
  for (unsigned one = spreading_factor_min; one <= spreading_factor_max; ++one) {
    if (snr_db - snr_floor_db(one) >= margin_db) return one;
  }
  return std::nullopt;
}

}  // namespace khuoi::radio
