#pragma once

#include "storage/lmdb_env.h"

namespace khuoi::storage {

struct LmdbOptions {
  /// The map is address space, not disk: data.mdb grows only with what is kept.
  std::uint64_t map_octets_max = sizeof(void*) == 8 ? std::uint64_t{64} << 30 : std::uint64_t{1} << 30;
  bool create = false;     ///< makes a new store where there is none; with one there, opens it
  bool read_only = false;  ///< works on a read-only disk too
};

/// The replica's store on LMDB 0.9.24, in a folder of its own holding data.mdb and lock.mdb (storage/FORMAT.md).
/// Every commit is synced; a commit that fails leaves what was there before, and the store usable.
/// Threads: begin_read() and usage() from any; a transaction belongs to one thread at a time; one writer.
/// Across processes: any number of readers; writers hold storage/writer_lock first, or wait for each other's commit.
class LmdbStore final : public sync::Store {
 public:
  /// Errors: not_found (and !create), damaged, unsupported (a newer format), disk_full, read_only, io.
  /// Creating takes the writer lock's protection: a leftover `<dir>.new` of a creation cut short is removed.
  static Result<std::unique_ptr<LmdbStore>> open(const std::filesystem::path& dir, const LmdbOptions& options = {});

  Result<std::unique_ptr<sync::ReadTxn>> begin_read() const override;
  /// Errors: busy while another write transaction of this process is open; read_only.
  Result<std::unique_ptr<sync::WriteTxn>> begin_write() override;
  /// octets_used: pages in use, free ones not counted. octets_max: the map.
  sync::StoreUsage usage() const override;

  [[nodiscard]] const std::filesystem::path& dir() const { return env_->dir(); }
  /// Rows that were looked up or walked over since it was opened: what a question costs, whatever the machine does.
  [[nodiscard]] std::uint64_t rows_read() const { return env_->rows_read(); }
  /// Writes a consistent copy without free pages, as data.mdb, to an open file; writers go on meanwhile.
  Result<void> copy_compact_to(int fd) const;

 private:
  explicit LmdbStore(std::unique_ptr<LmdbEnv> env) : env_(std::move(env)) {}
  std::unique_ptr<LmdbEnv> env_;
};

/// Whether a folder holds a store: a data.mdb of any kind.
bool holds_store(const std::filesystem::path& dir);

}  // namespace khuoi::storage
