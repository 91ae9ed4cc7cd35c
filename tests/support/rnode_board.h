#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "radio/modem/kiss.h"

namespace khuoi::tests {

/// An RNode's side of the host protocol to the letter, octets in and octets out, with faults by wish.
/// Source: RNode firmware 1.86, serial_callback(), start_radio().
class RnodeBoard {
 public:
  /// What it would say now to these octets.
  Bytes answer(ByteView octets) {
    Bytes out;
    if (silent) return out;
    while (auto frame = reader_.take(octets)) {
      ++asked[frame->command];
      if (mute.contains(frame->command)) continue;
      take(*frame, out);
    }
    return out;
  }
  /// Power on, or a reset: all that was set is gone. What it says then.
  Bytes boot() {
    frequency = bandwidth = 0;
    power = 0xff;
    factor = 0;
    rate = 5;
    on = false;
    queue.clear();
    return one(0x55, {0xf8});
  }
  static Bytes one(std::uint8_t command, const Bytes& data) {
    Bytes out;
    radio::append_kiss(out, command, data);
    return out;
  }
  /// A frame that it heard.
  static Bytes heard(const Bytes& frame, std::uint8_t rssi = 57, std::int8_t snr = 26) {
    Bytes out = one(0x23, {rssi});
    append(out, one(0x24, {static_cast<std::uint8_t>(snr)}));
    append(out, one(0x00, frame));
    return out;
  }

  // What is in force.
  std::uint32_t frequency = 0, bandwidth = 0;
  std::uint8_t power = 0xff, factor = 0, rate = 5;
  bool on = false, promiscuous = false;
  std::uint16_t short_limit = 0, long_limit = 0;
  std::vector<Bytes> queue;  ///< frames that were handed over

  // Faults.
  bool silent = false;          ///< it hears nothing
  std::set<std::uint8_t> mute;  ///< commands that it does not answer
  std::uint8_t firmware_major = 1, firmware_minor = 86;
  std::uint8_t power_max = 22, factor_max = 12;
  std::int64_t frequency_off = 0;
  bool full = false, unprovisioned = false;
  std::map<std::uint8_t, unsigned> asked;  ///< how often each command came

 private:
  void take(const radio::KissFrame& frame, Bytes& out) {
    const auto say = [&](const Bytes& data) { append(out, one(frame.command, data)); };
    Reader in(frame.data);
    const std::uint8_t first = frame.data.empty() ? 0 : frame.data[0];
    switch (frame.command) {
      case 0x00:
        if (on) {
          queue.push_back(frame.data);
        } else {
          append(out, one(0x90, {2}));
        }
        return;
      case 0x01:
        if (const auto value = in.u32(); value != 0) frequency = static_cast<std::uint32_t>(value + frequency_off);
        return say(u32(frequency));
      case 0x02:
        if (const auto value = in.u32(); value != 0) bandwidth = value;
        return say(u32(bandwidth));
      case 0x03:
        if (first != 0xff) power = std::min(first, power_max);
        return say({power});
      case 0x04:
        if (first != 0xff) factor = std::clamp<std::uint8_t>(first, 5, factor_max);
        return say({factor});
      case 0x05:
        if (first != 0xff) rate = std::clamp<std::uint8_t>(first, 5, 8);
        return say({rate});
      case 0x06:
        if (first == 1) {
          on = !unprovisioned && frequency != 0 && bandwidth != 0 && power != 0xff && factor != 0;
          say({on});  // once by start_radio, once by its caller
        } else if (first == 0) {
          on = false;
        }
        return say({on});
      case 0x08:
        if (first == 0x73) say({0x46});
        return;
      case 0x0b:
      case 0x0c: {
        std::uint16_t& limit = frame.command == 0x0b ? short_limit : long_limit;
        limit = in.u16();
        const auto kept = static_cast<std::uint16_t>(limit == 0 ? 0 : limit - 1);  // it rounds down
        return say({static_cast<std::uint8_t>(kept >> 8), static_cast<std::uint8_t>(kept)});
      }
      case 0x0e:
        promiscuous = first == 1;
        return say({promiscuous});
      case 0x0f:
        return say({static_cast<std::uint8_t>(full ? 0 : 1)});
      case 0x48:
        return say({0x80});
      case 0x49:
        return say({0x81});
      case 0x50:
        return say({firmware_major, firmware_minor});
      case 0x55:
        if (first == 0xf8) append(out, boot());
        return;
      default:
        return;
    }
  }
  static Bytes u32(std::uint32_t value) {
    Bytes out;
    Writer(out).u32(value);
    return out;
  }

  radio::KissReader reader_;
};

}  // namespace khuoi::tests
