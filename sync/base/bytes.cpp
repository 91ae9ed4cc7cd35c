#include "sync/base/bytes.h"

#include <algorithm>

namespace khuoi {

bool equal(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

std::strong_ordering compare(ByteView a, ByteView b) {
  return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end());
}

bool starts_with(ByteView octets, ByteView prefix) {
  return octets.size() >= prefix.size() && equal(octets.first(prefix.size()), prefix);
}

std::string to_hex(ByteView octets) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(octets.size() * 2);
  for (const std::uint8_t octet : octets) {
    out.push_back(digits[octet >> 4U]);
    out.push_back(digits[octet & 15U]);
  }
  return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

namespace {
template <typename T>
void put_be(Bytes& to, T value) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
    to.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}
template <typename T>
T take_be(ByteView from) {
  T value = 0;
  for (const std::uint8_t octet : from) value = static_cast<T>((value << 8U) | octet);
  return value;
}
}  // namespace

Writer& Writer::u8(std::uint8_t value) {
  to_.push_back(value);
  return *this;
}
Writer& Writer::u16(std::uint16_t value) {
  put_be(to_, value);
  return *this;
}
Writer& Writer::u32(std::uint32_t value) {
  put_be(to_, value);
  return *this;
}
Writer& Writer::u64(std::uint64_t value) {
  put_be(to_, value);
  return *this;
}
Writer& Writer::varint(std::uint64_t value) {
  while (value >= 0x80U) {
    to_.push_back(static_cast<std::uint8_t>(value | 0x80U));
    value >>= 7U;
  }
  to_.push_back(static_cast<std::uint8_t>(value));
  return *this;
}
Writer& Writer::raw(ByteView octets) {
  append(to_, octets);
  return *this;
}
Writer& Writer::counted(ByteView octets) { return varint(octets.size()).raw(octets); }

std::uint8_t Reader::u8() { return take_be<std::uint8_t>(raw(1)); }
std::uint16_t Reader::u16() { return take_be<std::uint16_t>(raw(2)); }
std::uint32_t Reader::u32() { return take_be<std::uint32_t>(raw(4)); }
std::uint64_t Reader::u64() { return take_be<std::uint64_t>(raw(8)); }

std::uint64_t Reader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const ByteView one = raw(1);
    if (one.empty()) return 0;
    const std::uint64_t bits = one[0] & 0x7fU;
    const bool last = (one[0] & 0x80U) == 0;
    const bool overflows = shift == 63 && bits > 1;
    const bool padded = last && bits == 0 && shift != 0;
    if (overflows || padded) break;
    value |= bits << shift;
    if (last) return value;
  }
  ok_ = false;
  left_ = {};
  return 0;
}

ByteView Reader::raw(std::size_t octets) {
  if (!ok_ || octets > left_.size()) {
    ok_ = false;
    left_ = {};
    return {};
  }
  const ByteView out = left_.first(octets);
  left_ = left_.subspan(octets);
  return out;
}

ByteView Reader::counted(std::size_t octets_max) {
  const std::uint64_t octets = varint();
  if (octets > octets_max) {
    ok_ = false;
    left_ = {};
    return {};
  }
  return raw(static_cast<std::size_t>(octets));
}

}  // namespace khuoi
