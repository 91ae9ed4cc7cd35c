#pragma once

#include "sync/files/chunk_tree.h"
#include "sync/files/file_row.h"

namespace khuoi::sync {

/// One file's row while chunks of it are taken in; save() writes it.
class ChunkKeeper final {
 public:
  ChunkKeeper(Batch& batch, const FileId& file, FileRow& row)
      : batch_(batch), file_(file), row_(row), charge_before_(row.unverified_charge) {}

  Result<ChunkOutcome> keep_verified(const ChunkPlace& place, ByteView octets);
  Result<ChunkOutcome> keep_unverified(const ChunkPlace& place, ByteView octets);
  /// Drops unverified chunks that the shape, known since, has no place for, and checks what the root vouches for.
  Result<void> check_from_root();
  Result<void> save() { return save_file_row(batch_, file_, row_, charge_before_); }

 private:
  [[nodiscard]] ChunkPlace place_of(std::size_t level, std::uint32_t index) const {
    return {file_, static_cast<std::uint8_t>(level), index};
  }
  Result<void> check_children(const ChunkPlace& parent);
  Result<void> check_unverified(const ChunkPlace& place, const ChunkHash& expected);
  Result<void> drop_unverified(const ChunkPlace& place);

  Batch& batch_;
  FileId file_;
  FileRow& row_;
  std::uint64_t charge_before_;
};

/// Right by size and, of an index chunk, by form: an author can sign a root over anything.
bool has_form_of(const FileRow& row, const ChunkPlace& place, ByteView octets);

}  // namespace khuoi::sync
