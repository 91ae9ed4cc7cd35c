#include "sync/files/unverified.h"

#include "sync/files/chunk_tree.h"
#include "sync/files/file_row.h"

namespace khuoi::sync {
namespace {

Result<void> erase_unverified(Batch& batch, const FileId& file, const FileRow& row) {
  for (std::size_t level = 0; level < row.unverified.size(); ++level) {
    for (const auto& [first, last] : row.unverified[level].ranges()) {
      for (std::uint32_t index = first; index <= last; ++index) {
        const ChunkPlace place{file, static_cast<std::uint8_t>(level), index};
        KHUOI_TRY_VOID(batch.txn.erase(Table::chunk, chunk_key(place)));
      }
    }
  }
  return {};
}

std::uint64_t count_unverified(const FileRow& row) {
  std::uint64_t out = 0;
  for (const RangeSet& level : row.unverified) out += level.count();
  return out;
}

Result<void> sweep_file(Batch& batch, const FileId& file, FileRow& row) {
  const std::uint64_t charge_before = row.unverified_charge;
  KHUOI_TRY_VOID(erase_unverified(batch, file, row));
  row.unverified.assign(file_levels_max, RangeSet());
  row.unverified_charge = 0;
  if (row.known) return save_file_row(batch, file, row, charge_before);
  KHUOI_TRY_VOID(move_unverified_octets(batch, charge_before, 0));
  return batch.txn.erase(Table::file, file.view());
}

}  // namespace

Result<std::uint64_t> sweep_unverified(Batch& batch) {
  std::vector<FileId> waiting;
  KHUOI_TRY_VOID(batch.txn.scan(Table::file, {}, [&](ByteView key, ByteView value) {
    const auto file = FileId::from(key);
    const auto row = decode_file_row(value);
    // A damaged row is verify()'s matter; nothing of the others has to wait for it.
    if (file && row && count_unverified(*row) > 0) waiting.push_back(*file);
  }));
  std::uint64_t swept = 0;
  for (const FileId& file : waiting) {
    KHUOI_TRY(auto row, load_file_row(batch.txn, file));
    if (!row) continue;
    const std::int64_t now = batch.now.wall.value;
    const std::int64_t since = row->unverified_since.value;
    if (since > now) {  // a clock that stood wrong then: they age from now on
      row->unverified_since = batch.now.wall;
      KHUOI_TRY_VOID(save_file_row(batch, file, *row, row->unverified_charge));
    } else if (now - unverified_seconds_max >= since) {
      swept += count_unverified(*row);
      KHUOI_TRY_VOID(sweep_file(batch, file, *row));
    }
  }
  return swept;
}

}  // namespace khuoi::sync
