#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "radio/airtime.h"
#include "sync/base/result.h"

namespace khuoi::radio {

/// A stretch of frequencies with one set of rules.
struct SubBand {
  std::uint32_t low_hz = 0, high_hz = 0;  ///< a signal lies in it with its whole bandwidth
  double power_dbm = 0;                   ///< at most, effective radiated
  bool over_isotropic = false;            ///< the power is EIRP, not ERP: 2.15 dB less
  unsigned node_duty_ppm = 0;             ///< of any hour, for a hamlet's box
  unsigned gateway_duty_ppm = 0;          ///< the same for the commune's
};

/// What a country allows without a licence. `custom` is what the technician writes down.
struct Band {
  std::string_view name;
  std::span<const SubBand> parts;
  Micros dwell_max{};       ///< one frame at most so long on the air; zero: no limit
  std::string_view source;  ///< of the figures
};

/// All that the program knows by name.
std::span<const Band> bands();
/// Errors: usage, with the names there are.
Result<Band> band_named(std::string_view name);

/// The part that holds a signal at this frequency. Errors: usage, with the parts there are.
Result<SubBand> part_of(const Band& band, std::uint32_t frequency_hz, std::uint32_t bandwidth_hz);

/// The most that a modem may be set to, in whole dBm, so that what leaves the antenna keeps to the rules.
/// `antenna_dbi` is the gain of the antenna less the loss of its cable.
int modem_power_max(const SubBand& part, double antenna_dbi);

}  // namespace khuoi::radio
