#pragma once

#include <map>
#include <optional>

#include "sync/base/bytes.h"

namespace khuoi::radio {

/// An octet string as `count` symbols of one size and as many more as are wanted, up to 255: any `count` of them give
/// it back. The first `count` are the octets themselves, zeros behind their end; the others are sums over GF(256) by
/// the rows of a Cauchy matrix (ISA-L).
class ErasureCode final {
 public:
  static constexpr unsigned symbols_max = 255;
  /// Splits octets into symbols of at most so many octets. Nothing: they are none, or need more than half of
  /// symbols_max.
  static std::optional<ErasureCode> split(ByteView octets, std::size_t symbol_octets_max);

  [[nodiscard]] unsigned count() const { return count_; }
  [[nodiscard]] std::size_t symbol_octets() const { return symbol_octets_; }
  /// Zeros behind the end: less than count().
  [[nodiscard]] std::size_t pad() const { return padded_.size() - octets_; }
  /// Precondition: index < symbols_max.
  [[nodiscard]] Bytes symbol(unsigned index) const;

  /// What was split, from `count` or more symbols by their indexes. Nothing: too few, of different sizes, or with more
  /// zeros behind than one octet less than there are symbols.
  static std::optional<Bytes> join(const std::map<std::uint8_t, Bytes>& symbols, unsigned count, std::size_t pad);

 private:
  ErasureCode(ByteView octets, unsigned count);
  unsigned count_;
  std::size_t octets_;
  std::size_t symbol_octets_;
  Bytes padded_;
};

}  // namespace khuoi::radio
