#include "storage/parity.h"

#include <algorithm>

#include "storage/parity_code.h"
#include "sync/base/check.h"

namespace khuoi::storage {
namespace {

/// The parity blocks of one row for neighbouring stripes, each with its checksum, in one write.
Result<void> write_parity_row(const ParityShape& shape, StripeBatch& batch, std::size_t row, std::uint64_t first,
                              std::uint64_t count, const WriteAt& write) {
  Bytes out;
  out.reserve(static_cast<std::size_t>(count) * (shape.block_octets + ParityShape::crc_octets));
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto block = batch.parity_block(row, i);
    append(out, block);
    Writer(out).u32(crc32c(block));
  }
  return write(shape.parity_at(shape.parity_block(first, row)), out);
}

void note_checksums(const ParityShape& shape, StripeBatch& batch, std::uint64_t first, std::uint64_t count,
                    std::vector<std::uint32_t>& crcs) {
  for (std::size_t row = 0; row < shape.rows_data; ++row) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t block = row * shape.stripes + first + i;
      if (block < shape.blocks_data) crcs[block] = crc32c(batch.data_block(row, i).first(shape.octets_in_block(block)));
    }
  }
}

Bytes encode_table(const std::vector<std::uint32_t>& crcs) {
  Bytes out;
  for (std::size_t first = 0; first < crcs.size(); first += ParityShape::table_chunk_entries) {
    const std::size_t at = out.size();
    const std::size_t end = std::min(crcs.size(), first + ParityShape::table_chunk_entries);
    for (std::size_t i = first; i < end; ++i) Writer(out).u32(crcs[i]);
    Writer(out).u32(crc32c(ByteView(out).subspan(at)));
  }
  return out;
}

}  // namespace

Result<void> write_parity(std::uint64_t data_octets, const ReadAt& read, const WriteAt& write) {
  if (data_octets > ParityShape::data_octets_max) return fail(Errc::too_large, "a bundle this large takes no parity");
  const ParityShape shape = ParityShape::for_data(data_octets);
  const ParityCode code(shape);
  StripeBatch batch(shape);
  std::vector<std::uint32_t> crcs(shape.blocks_data);
  // Parity blocks lie in the order of stripes that goes on where the data ended, so batches start there; one that
  // would pass the last stripe is cut, so that its blocks are neighbours too.
  const std::uint64_t start = shape.blocks_data % shape.stripes;
  for (std::uint64_t done = 0; done < shape.stripes;) {
    const std::uint64_t first = (start + done) % shape.stripes;
    const std::uint64_t count = std::min({batch.stripes_max(), shape.stripes - first, shape.stripes - done});
    KHUOI_TRY_VOID(batch.read_data(first, count, read));
    note_checksums(shape, batch, first, count, crcs);
    batch.encode(code);
    for (std::size_t row = 0; row < shape.rows_parity; ++row) {
      KHUOI_TRY_VOID(write_parity_row(shape, batch, row, first, count, write));
    }
    done += count;
  }
  const Bytes mark = encode_mark(data_octets);
  const Bytes table = encode_table(crcs);
  KHUOI_CHECK(table.size() == shape.table_octets());
  KHUOI_TRY_VOID(write(shape.head_at(), mark));
  KHUOI_TRY_VOID(write(shape.table_at(0), table));
  KHUOI_TRY_VOID(write(shape.table_at(1), table));
  return write(shape.foot_at(), mark);
}

Bytes with_parity(ByteView data) {
  Bytes out = to_bytes(data);
  out.resize(static_cast<std::size_t>(ParityShape::for_data(data.size()).file_octets()));
  const auto done = write_parity(
      data.size(),
      [&](std::uint64_t offset, std::span<std::uint8_t> to) -> Result<std::size_t> {
        std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(offset), to.size(), to.begin());
        return to.size();
      },
      [&](std::uint64_t offset, ByteView octets) -> Result<void> {
        std::ranges::copy(octets, out.begin() + static_cast<std::ptrdiff_t>(offset));
        return {};
      });
  KHUOI_CHECK(done.has_value());
  return out;
}

}  // namespace khuoi::storage
