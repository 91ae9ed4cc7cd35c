#include "storage/parity_shape.h"

#include <algorithm>

namespace khuoi::storage {
namespace {

constexpr std::uint64_t run_octets_min = 4096;
constexpr std::uint64_t cluster_octets = 131072;
/// From here on the whole file, parity included, can have 32 clusters.
constexpr std::uint64_t cluster_rule_octets = 4'000'000;
constexpr std::uint64_t codeword_blocks_max = 255;

std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

/// Small blocks cost checksums (8 octets a block), large ones waste parity at the ends of a run (3 blocks). The sum is
/// least near sqrt(2 run + 4 data); the nearest power of two.
std::size_t block_octets_for(std::uint64_t data_octets) {
  const std::uint64_t best_squared = 2 * std::max(run_octets_min, data_octets / 32) + 4 * data_octets;
  std::size_t block = 128;
  while (block < 4096 && std::uint64_t{2} * block * block < best_squared) block *= 2;
  return block;
}

}  // namespace

std::uint64_t ParityShape::run_octets() const {
  // 1/32 of the data and a little are 3 % of the data and all that is added to it.
  const std::uint64_t share = data_octets / 32 + block_octets / 2;
  return std::max({run_octets_min, share, data_octets >= cluster_rule_octets ? cluster_octets : 0});
}

/// Few stripes with many parity rows also mend scattered damage. Rounding to whole rows costs parity blocks, so among
/// the row counts near the largest possible one the cheapest is taken, the largest of those.
void ParityShape::choose_rows(std::uint64_t parity_wanted) {
  const std::uint64_t stripes_min = divide_up(blocks_data + parity_wanted, codeword_blocks_max - 1);
  const std::uint64_t rows_max = std::max<std::uint64_t>(1, parity_wanted / stripes_min);
  std::uint64_t best = rows_max * divide_up(parity_wanted, rows_max);
  rows_parity = static_cast<std::size_t>(rows_max);
  for (std::uint64_t rows = rows_max; rows > rows_max / 2; --rows) {
    const std::uint64_t blocks = rows * divide_up(parity_wanted, rows);
    if (blocks >= best) continue;
    best = blocks;
    rows_parity = static_cast<std::size_t>(rows);
  }
  stripes = divide_up(parity_wanted, rows_parity);
  rows_data = static_cast<std::size_t>(divide_up(blocks_data, stripes));
}

ParityShape ParityShape::for_data(std::uint64_t data_octets) {
  ParityShape shape;
  shape.data_octets = data_octets;
  shape.block_octets = block_octets_for(data_octets);
  shape.blocks_data = std::max<std::uint64_t>(1, divide_up(data_octets, shape.block_octets));
  // A run covers a piece of a block at each end. One that crosses from data to parity has four ends, but also swallows
  // the header and the table between.
  const std::uint64_t between = mark_octets + shape.table_octets();
  const std::uint64_t ends = std::max<std::uint64_t>(
      2, divide_up(3 * shape.block_octets - std::min(between, shape.block_octets), shape.block_octets));
  const std::uint64_t parity_wanted = divide_up(shape.run_octets(), shape.block_octets) + ends;
  shape.choose_rows(parity_wanted);
  return shape;
}

std::uint64_t ParityShape::table_octets() const {
  return (blocks_data + divide_up(blocks_data, table_chunk_entries)) * crc_octets;
}

std::uint64_t ParityShape::section_octets() const {
  return 2 * (mark_octets + table_octets()) + blocks_parity() * (block_octets + crc_octets);
}

std::size_t ParityShape::octets_in_block(std::uint64_t block) const {
  const std::uint64_t at = block * block_octets;
  return at >= data_octets ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(block_octets, data_octets - at));
}

std::uint64_t ParityShape::table_at(int copy) const {
  return copy == 0 ? data_octets + mark_octets : foot_at() - table_octets();
}

std::uint64_t ParityShape::parity_at(std::uint64_t parity_block) const {
  return data_octets + mark_octets + table_octets() + parity_block * (block_octets + crc_octets);
}

}  // namespace khuoi::storage
