#pragma once

#include <cstdint>
#include <optional>

#include "sync/base/time.h"

namespace khuoi::radio {

/// The two families of LoRa chips. They differ in how SF5 and SF6 go on the air.
enum class Chip : std::uint8_t { sx126x, sx127x };

/// How octets become symbols.
struct Modulation {
  std::uint32_t bandwidth_hz = 125'000;  ///< 7,810 to 500,000
  unsigned spreading_factor = 7;         ///< 5 to 12
  unsigned coding_rate = 5;              ///< 5 to 8, for 4/5 to 4/8
  Chip chip = Chip::sx126x;
  auto operator<=>(const Modulation&) const = default;
};

/// What goes before and behind the octets of a frame.
struct FrameShape {
  unsigned preamble_symbols = 8;
  bool explicit_header = true;
  bool crc = true;
  std::optional<bool> low_data_rate = {};  ///< unless told, on where a symbol takes more than 16 ms
};

/// Frames hold so many octets at most.
inline constexpr std::size_t frame_octets_max = 255;

/// 2^SF by the bandwidth, rounded up.
Micros symbol_time(const Modulation& modulation);

/// How long a frame of so many octets is on the air, rounded up. Source: SX1261/2 data sheet rev. 2.1, section 6.1.4;
/// SX1276 data sheet rev. 7, section 4.1.1.7.
Micros time_on_air(const Modulation& modulation, const FrameShape& shape, std::size_t octets);

/// The symbols of preamble that an RNode sends: 24 ms of them and at least 18; 6 ms above 30 kbit/s.
/// Source: RNode firmware 1.86, updateBitrate().
unsigned rnode_preamble_symbols(const Modulation& modulation);

/// The most octets of a frame that fit into so long a time; nothing when not even an empty frame does.
std::optional<std::size_t> octets_within(const Modulation& modulation, const FrameShape& shape, Micros limit);

}  // namespace khuoi::radio
