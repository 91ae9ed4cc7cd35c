#pragma once

#include "sync/files/files.h"

namespace khuoi::sync {

inline constexpr std::size_t file_audiences_max = 4096;
/// Unverified chunks come in at most so many ranges a level: far under what a row can hold, since taking a verified
/// part out of the middle adds a range.
inline constexpr std::size_t unverified_ranges_max = 2048;

/// A row of the table `file`; FILES.md draws it. A file is staged (its intake is going on), known (its octets and root
/// stand), or neither (chunks came before its record did).
struct FileRow {
  bool staged = false;
  bool known = false;
  UnixSeconds unverified_since;         ///< when the first of the unverified chunks came
  std::uint64_t unverified_charge = 0;  ///< what they count against the quota
  std::uint64_t octets = 0;
  ChunkHash root;
  NodeId author;
  std::vector<AudienceId> audiences;  ///< sorted; empty until noted
  HeldChunks held;                    ///< verified, one set a level of the tree; when staged: what was written
  HeldChunks unverified;              ///< file_levels_max sets

  FileRow() : unverified(file_levels_max) {}
  [[nodiscard]] bool complete() const;
  /// False when the set would become too ragged to be told; a later chunk that fills a gap still fits.
  static bool has_room(const RangeSet& set, std::uint32_t number, std::size_t ranges_max);
};

Bytes encode(const FileRow& row);
/// Errors: damaged.
Result<FileRow> decode_file_row(ByteView octets);

/// Nothing if there is no such row.
Result<std::optional<FileRow>> load_file_row(const ReadTxn& txn, const FileId& file);
/// Also keeps the counter of all unverified chunks, which held `charge_before` for this file.
Result<void> save_file_row(Batch& batch, const FileId& file, const FileRow& row, std::uint64_t charge_before);
/// The counter: octets charged to unverified chunks of all files.
Result<std::uint64_t> unverified_octets(const ReadTxn& txn);
Result<void> move_unverified_octets(Batch& batch, std::uint64_t from, std::uint64_t to);

/// Key in the table `chunk`.
std::array<std::uint8_t, FileId::octets + 5> chunk_key(const ChunkPlace& place);

}  // namespace khuoi::sync
