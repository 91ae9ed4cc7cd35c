#pragma once

#include <utility>

#include "sync/base/bytes.h"

namespace khuoi::sync {

/// How many zero octets at its end an encoder leaves out at most; it bounds how long a decoder follows junk.
inline constexpr std::size_t zeros_max = 32;

/// A range coder with 32-bit range and carries (G. N. N. Martin, 1979; octets leave as in LZMA's), for any total up to
/// 2^17. Chosen over rANS because it runs forwards in both directions and its end costs less than an octet, where a
/// streaming rANS state costs three. Up to zeros_max zero octets at the end are left out: a decoder reads zeros there.
class RangeEncoder final {
 public:
  /// The interval [start, start + size) of `total`; 1 ≤ size, start + size ≤ total.
  void encode(std::uint32_t start, std::uint32_t size, std::uint32_t total) {
    const std::uint32_t unit = range_ / total;
    low_ += static_cast<std::uint64_t>(unit) * start;
    range_ = start + size == total ? range_ - unit * start : unit * size;
    while (range_ < normal) shift();
  }
  Bytes finish();

 private:
  static constexpr std::uint32_t normal = 1U << 24U;
  void carry();
  void shift() {
    if ((low_ >> 32U) != 0) carry();
    out_.push_back(static_cast<std::uint8_t>(low_ >> 24U));
    low_ = (low_ << 8U) & 0xffffffffU;
    range_ <<= 8U;
  }
  std::uint64_t low_ = 0;
  std::uint32_t range_ = 0xffffffffU;
  Bytes out_;
};

class RangeDecoder final {
 public:
  explicit RangeDecoder(ByteView from) : from_(from) {
    for (int octet = 0; octet < 4; ++octet) code_ = (code_ << 8U) | next();
    // The first code point no encoder makes is 2^32 - 1; keep what follows inside the range.
    if (code_ >= range_) code_ = range_ - 1;
  }
  /// Where in [0, total) the next symbol lies; followed by take() with the same total.
  std::uint32_t target(std::uint32_t total) {
    unit_ = range_ / total;
    const std::uint32_t at = code_ / unit_;
    return at < total ? at : total - 1;
  }
  void take(std::uint32_t start, std::uint32_t size, std::uint32_t total) {
    code_ -= unit_ * start;
    range_ = start + size == total ? range_ - unit_ * start : unit_ * size;
    while (range_ < normal) {
      code_ = (code_ << 8U) | next();
      range_ <<= 8U;
    }
  }
  /// Whether an encoder can have ended here: all octets are used.
  [[nodiscard]] bool at_end() const { return at_ >= from_.size() && !past_end(); }
  /// More was read than an encoder leaves out: these octets are not one's.
  [[nodiscard]] bool past_end() const { return at_ > from_.size() + zeros_max + 8; }

 private:
  static constexpr std::uint32_t normal = 1U << 24U;
  std::uint32_t next() { return at_ < from_.size() ? from_[at_++] : (++at_, 0U); }
  ByteView from_;
  std::size_t at_ = 0;
  std::uint32_t code_ = 0;
  std::uint32_t range_ = 0xffffffffU;
  std::uint32_t unit_ = 1;
};

}  // namespace khuoi::sync
