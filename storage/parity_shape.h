#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace khuoi::storage {

/// How the data of a bundle is cut for parity. Everything follows from the number of data octets, so a hostile file has
/// nothing to choose. Drawn in FORMAT.md, "Parity section".
///
/// Data block d belongs to stripe d % stripes, row d / stripes; the parity blocks go on counting where the data ended.
/// So `stripes` neighbours never share a stripe, and a damaged run takes the same number of blocks from each, or one
/// more. Each stripe is a Reed-Solomon codeword of rows_data + rows_parity blocks (at most 255): it can do without any
/// rows_parity of them.
struct ParityShape {
  std::uint64_t data_octets = 0;
  std::size_t block_octets =
      0;  ///< a power of two, 128..4096; the last data block may be shorter, as if zeros followed
  std::uint64_t blocks_data = 0;
  std::uint64_t stripes = 0;
  std::size_t rows_data = 0;
  std::size_t rows_parity = 0;

  static ParityShape for_data(std::uint64_t data_octets);

  /// The longest damaged run that is repaired wherever it lies in the file: at least 4 KiB, 3 % of the whole file, and
  /// 128 KiB once the file has 4 MiB.
  [[nodiscard]] std::uint64_t run_octets() const;

  [[nodiscard]] std::uint64_t blocks_parity() const { return stripes * rows_parity; }
  [[nodiscard]] std::uint64_t table_octets() const;    ///< of one copy
  [[nodiscard]] std::uint64_t section_octets() const;  ///< everything after the data
  [[nodiscard]] std::uint64_t file_octets() const { return data_octets + section_octets(); }
  [[nodiscard]] std::size_t octets_in_block(std::uint64_t block) const;

  // Where things are, from the start of the file.
  [[nodiscard]] std::uint64_t head_at() const { return data_octets; }
  [[nodiscard]] std::uint64_t table_at(int copy) const;
  [[nodiscard]] std::uint64_t parity_at(std::uint64_t parity_block) const;
  [[nodiscard]] std::uint64_t foot_at() const { return file_octets() - mark_octets; }

  /// The parity block in this stripe and parity row.
  [[nodiscard]] std::uint64_t parity_block(std::uint64_t stripe, std::size_t row) const {
    return row * stripes + (stripe + stripes - blocks_data % stripes) % stripes;
  }

  static constexpr std::size_t mark_octets = 24;  ///< header and footer: magic 8, version 4, data octets 8, CRC-32C 4
  static constexpr std::size_t crc_octets = 4;
  static constexpr std::size_t table_chunk_entries = 128;
  static constexpr std::uint64_t data_octets_max = std::uint64_t{64} << 30;

 private:
  void choose_rows(std::uint64_t parity_wanted);
};

}  // namespace khuoi::storage
