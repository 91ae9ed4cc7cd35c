#include "radio/erasure.h"

#include <isa-l/erasure_code.h>

#include <algorithm>
#include <vector>

#include "sync/base/check.h"

namespace khuoi::radio {

namespace {

/// Row `index` of the matrix for so many symbols. Rows of the identity stand above those of Cauchy.
void append_row(unsigned index, unsigned count, Bytes& to) {
  for (unsigned column = 0; column < count; ++column) {
    const bool own = index == column;
    to.push_back(index < count ? static_cast<std::uint8_t>(own ? 1 : 0)
                               : gf_inv(static_cast<unsigned char>(index ^ column)));
  }
}

void add_times(std::uint8_t factor, ByteView from, std::span<std::uint8_t> to) {
  if (factor == 0) return;
  for (std::size_t i = 0; i < to.size(); ++i) to[i] ^= gf_mul(factor, from[i]);
}

}  // namespace

ErasureCode::ErasureCode(ByteView octets, unsigned count)
    : count_(count),
      octets_(octets.size()),
      symbol_octets_((octets.size() + count - 1) / count),
      padded_(octets.begin(), octets.end()) {
  padded_.resize(symbol_octets_ * count_);
}

std::optional<ErasureCode> ErasureCode::split(ByteView octets, std::size_t symbol_octets_max) {
  const std::size_t count = (octets.size() + symbol_octets_max - 1) / symbol_octets_max;
  if (count == 0 || count > symbols_max / 2) return std::nullopt;
  return ErasureCode(octets, static_cast<unsigned>(count));
}

Bytes ErasureCode::symbol(unsigned index) const {
  KHUOI_CHECK(index < symbols_max);
  Bytes row;
  append_row(index, count_, row);
  Bytes out(symbol_octets_);
  for (unsigned i = 0; i < count_; ++i)
    add_times(row[i], ByteView(padded_).subspan(i * symbol_octets_, symbol_octets_), out);
  return out;
}

std::optional<Bytes> ErasureCode::join(const std::map<std::uint8_t, Bytes>& symbols, unsigned count, std::size_t pad) {
  if (count == 0 || count > symbols_max / 2 || symbols.size() < count || pad >= count) return std::nullopt;
  const std::size_t size = symbols.begin()->second.size();
  Bytes matrix;
  std::vector<ByteView> given;
  for (auto one = symbols.begin(); given.size() < count; ++one) {
    if (one->first >= symbols_max || one->second.size() != size) return std::nullopt;
    append_row(one->first, count, matrix);
    given.emplace_back(one->second);
  }
  if (size * count <= pad) return std::nullopt;
  Bytes inverse(matrix.size());
  if (gf_invert_matrix(matrix.data(), inverse.data(), static_cast<int>(count)) != 0) return std::nullopt;
  Bytes out(size * count);
  for (unsigned row = 0; row < count; ++row) {
    for (unsigned i = 0; i < count; ++i)
      add_times(inverse[row * count + i], given[i], std::span(out).subspan(row * size, size));
  }
  out.resize(out.size() - pad);
  return out;
}

}  // namespace khuoi::radio
