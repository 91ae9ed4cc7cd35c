#include "sync/codec/range_coder.h"

namespace khuoi::sync {

void RangeEncoder::carry() {
  for (std::size_t at = out_.size(); at-- > 0;) {
    if (++out_[at] != 0) break;
  }
  low_ &= 0xffffffffU;
}

Bytes RangeEncoder::finish() {
  // Of all numbers in [low, low + range), one with the most zero octets at its end.
  for (unsigned zero_bits = 32; zero_bits <= 32; zero_bits -= 8) {
    const std::uint64_t mask = (std::uint64_t{1} << zero_bits) - 1;
    const std::uint64_t number = (low_ + mask) & ~mask;
    if (number < low_ + range_) {
      low_ = number;
      break;
    }
  }
  for (int octet = 0; octet < 4; ++octet) shift();
  for (std::size_t zeros = 0; zeros < zeros_max && !out_.empty() && out_.back() == 0; ++zeros) out_.pop_back();
  return std::move(out_);
}

}  // namespace khuoi::sync
