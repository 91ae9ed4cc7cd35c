#include "radio/airtime.h"

#include <algorithm>

#include "sync/base/check.h"

namespace khuoi::radio {

namespace {

std::int64_t divide_up(std::int64_t dividend, std::int64_t divisor) { return (dividend + divisor - 1) / divisor; }

/// So many quarters of a symbol, rounded up.
Micros quarter_symbols(const Modulation& modulation, std::int64_t quarters) {
  KHUOI_CHECK(modulation.spreading_factor >= 5 && modulation.spreading_factor <= 12 && modulation.bandwidth_hz > 0);
  const std::int64_t chips = quarters << modulation.spreading_factor;
  return Micros(divide_up(chips * 1'000'000, 4 * static_cast<std::int64_t>(modulation.bandwidth_hz)));
}

/// SF5 and SF6 of the newer chips have two symbols more before the header, and no bits of padding in it.
bool is_short(const Modulation& modulation) {
  return modulation.chip == Chip::sx126x && modulation.spreading_factor < 7;
}

}  // namespace

Micros symbol_time(const Modulation& modulation) { return quarter_symbols(modulation, 4); }

Micros time_on_air(const Modulation& modulation, const FrameShape& shape, std::size_t octets) {
  const auto factor = static_cast<std::int64_t>(modulation.spreading_factor);
  const bool low_data_rate = shape.low_data_rate.value_or(symbol_time(modulation) > std::chrono::milliseconds(16));
  const std::int64_t bits = 8 * static_cast<std::int64_t>(octets) + (shape.crc ? 16 : 0) - 4 * factor +
                            (shape.explicit_header ? 20 : 0) + (is_short(modulation) ? 0 : 8);
  const std::int64_t bits_a_block = 4 * (factor - (low_data_rate ? 2 : 0));
  const std::int64_t blocks = bits > 0 ? divide_up(bits, bits_a_block) : 0;
  const std::int64_t symbols = 8 + blocks * static_cast<std::int64_t>(modulation.coding_rate);
  const std::int64_t sync_quarters = is_short(modulation) ? 25 : 17;
  return quarter_symbols(modulation, 4 * (static_cast<std::int64_t>(shape.preamble_symbols) + symbols) + sync_quarters);
}

unsigned rnode_preamble_symbols(const Modulation& modulation) {
  const std::int64_t symbol = symbol_time(modulation).count();
  // bit/s = SF · 4/CR / T_sym
  const std::int64_t bit_rate = static_cast<std::int64_t>(modulation.spreading_factor) * 4 * 1'000'000 /
                                (static_cast<std::int64_t>(modulation.coding_rate) * symbol);
  const std::int64_t target = bit_rate > 30'000 ? 6'000 : 24'000;
  return static_cast<unsigned>(std::max<std::int64_t>(18, divide_up(target, symbol)));
}

std::optional<std::size_t> octets_within(const Modulation& modulation, const FrameShape& shape, Micros limit) {
  std::size_t octets = frame_octets_max + 1;
  while (octets > 0 && time_on_air(modulation, shape, octets - 1) > limit) --octets;
  return octets == 0 ? std::nullopt : std::optional(octets - 1);
}

}  // namespace khuoi::radio
