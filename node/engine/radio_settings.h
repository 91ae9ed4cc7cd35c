#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "radio/modem/modem.h"
#include "sync/base/result.h"

namespace khuoi::node {

/// Whose share of the air counts: a hamlet's box may use less of it than the commune's.
enum class AirShare : std::uint8_t { hamlet, commune };

/// The table [radio] of DIR/config.toml; everything has a default, and so has the file. The values are right: they lie
/// within the band, and the power, with the antenna's gain, within its rules.
///
///     [radio]
///     band = "vietnam"        # or "as923-2", "eu868", "custom"
///     frequency_mhz = 922.5
///     spreading_factor = 9    # 7 to 12: a higher one reaches farther and takes longer
///     bandwidth_khz = 125     # 62.5, 125, 250 or 500
///     coding_rate = 5         # 5 to 8, for 4/5 to 4/8
///     antenna_dbi = 2.15      # the antenna's gain less the loss of its cable
///     power_dbm = 14          # of the modem; the most that is allowed, up to 22
///     duty_percent = 1        # of any hour on the air; what the band allows, or less
///     dwell_ms = 0            # one frame at most so long on the air; 0: no limit; what the band says, or less
///     wait_for_fiber_hours = 3  # what is not urgent waits for a fiber that comes up at the same time each day, if that is
///                               # less than so far away; 0: never
///
/// A custom band has no defaults for frequency_mhz and duty_percent, and says more:
///
///     low_mhz = 433.05        # a signal lies between these with its whole bandwidth
///     high_mhz = 434.79
///     erp_dbm = 10            # the most that may leave the antenna
struct RadioSettings {
  std::string band;
  std::uint32_t frequency_hz = 0;
  unsigned spreading_factor = 9;
  std::uint32_t bandwidth_hz = 125'000;
  unsigned coding_rate = 5;
  int power_dbm = 0;
  double antenna_dbi = 2.15;
  unsigned duty_ppm = 0;
  Micros dwell_max{};  ///< zero: no limit
  std::chrono::hours wait_for_fiber{3};
  bool operator==(const RadioSettings&) const = default;
};

/// Errors: usage (with the line, the key, its value, and what is allowed), malformed, too_large, io.
Result<RadioSettings> read_radio_settings(const std::filesystem::path& data, AirShare share);

radio::ModemSettings modem_settings(const RadioSettings& settings);

/// What `--radio` names.
struct RadioName {
  enum class Kind : std::uint8_t { rnode, rylr };
  Kind kind = Kind::rnode;
  std::string device;  ///< its serial port
  bool operator==(const RadioName&) const = default;
};
/// `rnode:DEVICE` or `rylr:DEVICE`. Errors: usage.
Result<RadioName> parse_radio(std::string_view text);

/// What is wrong with the settings for this kind of modem, whatever the band allows. Errors: usage, with the file.
Result<void> check_radio_can(const std::filesystem::path& data, RadioName::Kind kind, const RadioSettings& settings);

}  // namespace khuoi::node
