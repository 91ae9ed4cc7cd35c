#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace khuoi {

/// Borrowed octets; never owns.
using ByteView = std::span<const std::uint8_t>;
/// Owned octets.
using Bytes = std::vector<std::uint8_t>;

/// Octets of a text, without copying; the text must outlive the view.
inline ByteView view_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(ByteView octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}
inline Bytes to_bytes(ByteView octets) { return {octets.begin(), octets.end()}; }
inline void append(Bytes& to, ByteView octets) { to.insert(to.end(), octets.begin(), octets.end()); }
bool equal(ByteView a, ByteView b);
/// Lexicographic by octet, the order LMDB keeps keys in.
std::strong_ordering compare(ByteView a, ByteView b);
bool starts_with(ByteView octets, ByteView prefix);

/// Lower-case hexadecimal.
std::string to_hex(ByteView octets);
/// Accepts both cases; nullopt on an odd length or a foreign character.
std::optional<Bytes> from_hex(std::string_view text);

/// Appends integers in network order to a buffer it borrows.
class Writer final {
 public:
  explicit Writer(Bytes& to) : to_(to) {}
  Writer& u8(std::uint8_t value);
  Writer& u16(std::uint16_t value);
  Writer& u32(std::uint32_t value);
  Writer& u64(std::uint64_t value);
  /// LEB128, 1..10 octets.
  Writer& varint(std::uint64_t value);
  Writer& raw(ByteView octets);
  /// A varint length, then the octets.
  Writer& counted(ByteView octets);

 private:
  Bytes& to_;
};

/// Takes integers in network order off a view. After the first shortage every read gives zero or empty
/// and `ok()` stays false, so a decoder checks once at its end.
class Reader final {
 public:
  explicit Reader(ByteView from) : left_(from) {}
  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  /// Refuses non-minimal forms and values past 64 bits, so that one value has one encoding.
  std::uint64_t varint();
  ByteView raw(std::size_t octets);
  /// A varint length of at most octets_max, then that many octets.
  ByteView counted(std::size_t octets_max);
  template <std::size_t N>
  std::array<std::uint8_t, N> array() {
    std::array<std::uint8_t, N> out{};
    const ByteView from = raw(N);
    if (from.size() == N) std::copy(from.begin(), from.end(), out.begin());
    return out;
  }
  /// What was read makes no sense: as if it were too short.
  void refuse() { ok_ = false; }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool done() const { return ok_ && left_.empty(); }
  [[nodiscard]] ByteView rest() const { return left_; }

 private:
  ByteView left_;
  bool ok_ = true;
};

}  // namespace khuoi
