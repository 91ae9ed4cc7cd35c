#pragma once

#include <optional>
#include <string>

#include "radio/modem/kiss.h"
#include "radio/modem/modem.h"
#include "sync/base/result.h"

namespace khuoi::radio {

/// Commands and reports of the RNode host protocol; a report has the number of the command that asks for it.
/// Source: RNode firmware 1.86, Framing.h.
namespace rnode_code {
inline constexpr std::uint8_t data = 0x00, frequency = 0x01, bandwidth = 0x02, power = 0x03, spreading_factor = 0x04,
                              coding_rate = 0x05, radio = 0x06, detect = 0x08, leave = 0x0a, short_airtime = 0x0b,
                              long_airtime = 0x0c, promiscuous = 0x0e, ready = 0x0f, rssi = 0x23, snr = 0x24,
                              channel = 0x25, physical = 0x26, battery = 0x27, csma = 0x28, temperature = 0x29,
                              platform = 0x48, mcu = 0x49, firmware = 0x50, reset = 0x55, error = 0x90;
/// What goes with them.
inline constexpr std::uint8_t detect_ask = 0x73, detect_answer = 0x46, reset_octet = 0xf8, leave_octet = 0xff,
                              ask = 0xff;
}  // namespace rnode_code

/// What a modem says of itself now and then, whatever is asked.
struct RnodeFigures {
  struct Channel {  ///< parts of a million of the last 15 s and of the last hour
    unsigned airtime_short_ppm = 0, airtime_long_ppm = 0, load_short_ppm = 0, load_long_ppm = 0;
    std::optional<int> rssi_dbm, noise_dbm, interference_dbm;
  };
  struct Physical {
    unsigned symbol_us = 0, symbols_a_second = 0, preamble_symbols = 0, preamble_ms = 0, slot_ms = 0;
    std::optional<unsigned> difs_ms;
  };
  struct Battery {
    unsigned state = 0, percent = 0;
  };
  struct Csma {  ///< slots of the random wait: from `least` up to below `below`
    unsigned band = 0, least = 0, below = 0;
  };
  unsigned firmware_major = 0, firmware_minor = 0;
  unsigned platform = 0, mcu = 0;
  std::optional<Channel> channel;
  std::optional<Physical> physical;
  std::optional<Battery> battery;
  std::optional<Csma> csma;
  std::optional<int> temperature_c;

  std::uint64_t sent = 0;       ///< frames handed over
  std::uint64_t received = 0;   ///< frames handed up
  std::uint64_t foreign = 0;    ///< heard and left out: no octet, or more than we ever send
  std::uint64_t lost = 0;       ///< the modem said that it could not send one
  std::uint64_t resets = 0;     ///< it started anew, or had lost its settings
  std::uint64_t malformed = 0;  ///< reports that do not decode
  std::optional<unsigned> last_error;
};

/// Takes one of the reports 25 to 29. Errors: malformed; then nothing changes.
Result<void> take_statistics(const KissFrame& report, RnodeFigures& to);

/// What the modem has in force; nothing where it has not said so.
struct RnodeReadings {
  std::optional<std::uint32_t> frequency_hz, bandwidth_hz;
  std::optional<unsigned> power_dbm, spreading_factor, coding_rate;
  std::optional<bool> radio_on;
  std::optional<unsigned> short_airtime, long_airtime;  ///< per cent × 100

  /// Whether all but the airtime limits are there.
  [[nodiscard]] bool complete() const;
};

/// Takes one of the reports 01 to 06, 0B, 0C; what is no value (the echo of a question) changes nothing.
/// Errors: malformed.
Result<void> take_reading(const KissFrame& report, RnodeReadings& to);

/// Where the readings differ from what was set: one sentence with what to do; empty when they agree.
/// The frequency may differ by 100 Hz, the chip's step; a limit by one, the firmware's rounding.
std::string difference(const ModemSettings& wanted, const RnodeReadings& is);

/// Errors: usage, with what an RNode can be set to.
Result<void> check_rnode_can(const ModemSettings& settings);

}  // namespace khuoi::radio
