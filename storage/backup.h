#pragma once

#include <filesystem>

#include "storage/lmdb_store.h"

namespace khuoi::storage {

/// Writes a consistent, compact copy of the store to `file` (FORMAT.md, "Backup file"), mode 0600: to a temporary file
/// beside it, synced, read back from the disk and compared, then renamed over what was there. The service may go on
/// writing. Only when this returns success is the backup good.
/// data_dir: the folder the store belongs to; a backup inside it would be lost with it.
/// Errors: usage (inside data_dir, or not a regular file), disk_full, read_only, damaged, io; `file` is then as before.
Result<void> backup_to(const LmdbStore& store, const std::filesystem::path& file,
                       const std::filesystem::path& data_dir);

/// Reads a whole backup and checks it. Errors: malformed (no backup), damaged, unsupported, not_found, io.
Result<void> check_backup(const std::filesystem::path& file);

/// Makes the store `dir` from a backup: checked before and after writing, made aside and renamed.
/// Errors: exists when `dir` holds anything; as check_backup; disk_full.
Result<void> restore_from(const std::filesystem::path& file, const std::filesystem::path& dir);

}  // namespace khuoi::storage
