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
/// A hamlet that its commune does not hear, as its technician knows, need not find that out for half an hour:
///
///     relay = "ask at once"   # its neighbours, to pass its frames on; "when needed": after half an hour without an answer
///
/// A custom band has no defaults for frequency_mhz and duty_percent, and says more:
///
///     low_mhz = 433.05        # a signal lies between these with its whole bandwidth
///     high_mhz = 434.79
///     erp_dbm = 10            # the most that may leave the antenna
///
/// A packet forwarder on another machine is named, and `--radio udp:` may then listen there:
///
///     forwarder = "192.168.7.2"
///     forwarder_eui = "aa555a0000000101"
struct RadioSettings {
  std::string band;
  std::uint32_t frequency_hz = 0;
  unsigned spreading_factor = 9;
  std::uint32_t bandwidth_hz = 125'000;
  unsigned coding_rate = 5;
  int power_dbm = 0;
  double antenna_dbi = 2.15;
  unsigned duty_ppm = 0;
  Micros dwell_max{};              ///< zero: no limit
  std::chrono::hours wait_for_fiber{3};
  bool relay_at_once = false;      ///< of a hamlet: it asks its neighbours for help from its first word on
  std::string forwarder = {};      ///< numeric address; empty: this machine
  std::string forwarder_eui = {};  ///< sixteen hexadecimal digits, where there is a forwarder
  bool operator==(const RadioSettings&) const = default;
};

/// Errors: usage (with the line, the key, its value, and what is allowed), malformed, too_large, io.
Result<RadioSettings> read_radio_settings(const std::filesystem::path& data, AirShare share);

radio::ModemSettings modem_settings(const RadioSettings& settings);

/// What `--radio` names.
struct RadioName {
  enum class Kind : std::uint8_t { rnode, rylr, udp };
  Kind kind = Kind::rnode;
  std::string device;      ///< its serial port; of udp the numeric address at which the forwarder is awaited
  std::uint16_t port = 0;  ///< of udp
  bool operator==(const RadioName&) const = default;
};
/// `rnode:DEVICE`, `rylr:DEVICE` or `udp:ADDRESS:PORT`. Errors: usage.
Result<RadioName> parse_radio(std::string_view text);

/// Whether a node with this share of the air may use this modem with these settings. Errors: usage, with the file where
/// a setting is wrong.
Result<void> check_radio_can(const std::filesystem::path& data, const RadioName& name, const RadioSettings& settings,
                             AirShare share);

}  // namespace khuoi::node
