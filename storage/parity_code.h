#pragma once

#include <vector>

#include "storage/parity.h"

// What writing and repairing parity share.
namespace khuoi::storage {

/// CRC-32C (iSCSI), by ISA-L.
std::uint32_t crc32c(ByteView octets);

/// Header and footer of a section.
Bytes encode_mark(std::uint64_t data_octets);
/// The data octets it tells of, or nothing if it is not a whole mark of a version we know.
std::optional<std::uint64_t> decode_mark(ByteView octets);
inline constexpr std::string_view parity_magic = "khuoipar";

/// The rows of the Cauchy matrix: every square part of it can be inverted, so any rows_parity losses can be undone.
class ParityCode final {
 public:
  explicit ParityCode(const ParityShape& shape);

  /// data: rows_data pointers; parity: rows_parity pointers; each to `octets` octets.
  void encode(std::size_t octets, std::vector<std::uint8_t*>& data, std::vector<std::uint8_t*>& parity) const;
  /// What the lost data rows were, from as many syndromes (what a parity block is, XOR what encode() gives with the
  /// lost rows zero) as rows are lost. out[i] becomes lost_rows[i]; each `octets` long.
  void solve(std::size_t octets, const std::vector<std::size_t>& lost_rows, const std::vector<std::size_t>& parity_rows,
             std::vector<std::uint8_t*>& syndromes, std::vector<std::uint8_t*>& out) const;

 private:
  std::size_t rows_data_;
  std::size_t rows_parity_;
  Bytes matrix_;          ///< identity above, parity rows below
  mutable Bytes tables_;  ///< ISA-L's form of the parity rows; its functions take them without const
};

/// A range of stripes at once: row by row, the blocks of neighbouring stripes are neighbours in the file.
class StripeBatch final {
 public:
  explicit StripeBatch(const ParityShape& shape);
  /// Stripes that fit; at least 1.
  [[nodiscard]] std::uint64_t stripes_max() const { return stripes_max_; }
  /// Reads the data rows of the stripes first .. first + count - 1; zeros behind the end.
  Result<void> read_data(std::uint64_t first, std::uint64_t count, const ReadAt& read);

  [[nodiscard]] std::span<std::uint8_t> data_block(std::size_t row, std::uint64_t stripe_in_batch);
  [[nodiscard]] std::span<std::uint8_t> parity_block(std::size_t row, std::uint64_t stripe_in_batch);
  void encode(const ParityCode& code);

 private:
  const ParityShape& shape_;
  std::uint64_t stripes_max_;
  std::uint64_t count_ = 0;
  Bytes data_;
  Bytes parity_;
  std::vector<std::uint8_t*> data_rows_;
  std::vector<std::uint8_t*> parity_rows_;
};

}  // namespace khuoi::storage
