#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <shared_mutex>

#include "sync/store/store.h"

struct MDB_env;
struct MDB_txn;

namespace khuoi::storage {

struct LmdbEnvOptions {
  std::uint64_t map_octets_max = 0;
  bool read_only = false;
};

/// One open LMDB environment and its table handles. A process opens an environment once: LMDB's file locks are the
/// process's, and a second close would drop the first one's.
/// Threads: begin() and the counters may be used from any, beside each other; the transactions themselves by one thread
/// at a time. The map never grows while it is open (its size is address space), so no reader has to end for a writer.
class LmdbEnv final {
 public:
  using Dbi = unsigned int;

  /// `dir` exists. Creates data.mdb in an empty folder, and tables that are missing, unless read_only.
  static Result<std::unique_ptr<LmdbEnv>> open(const std::filesystem::path& dir, const LmdbEnvOptions& options);
  ~LmdbEnv();
  LmdbEnv(const LmdbEnv&) = delete;
  LmdbEnv& operator=(const LmdbEnv&) = delete;

  /// The caller hands the transaction back through end(). Errors: busy when a write transaction of this process is
  /// open; waits for other processes' ones.
  Result<MDB_txn*> begin(bool write);
  /// Commits or aborts; the transaction is over either way.
  Result<void> end(MDB_txn* txn, bool write, bool commit);

  /// nullopt: the table is not there, in a read-only store of an earlier version.
  [[nodiscard]] std::optional<Dbi> dbi(sync::Table table) const { return dbis_.at(static_cast<std::size_t>(table)); }
  [[nodiscard]] MDB_env* raw() const { return env_; }
  [[nodiscard]] const std::filesystem::path& dir() const { return dir_; }
  [[nodiscard]] const LmdbEnvOptions& options() const { return options_; }
  [[nodiscard]] Error error(int rc, const std::string& doing) const;
  /// Rows that transactions looked up or walked over, for who measures.
  void count_rows(std::uint64_t rows) const { rows_read_.fetch_add(rows, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t rows_read() const { return rows_read_.load(std::memory_order_relaxed); }

 private:
  LmdbEnv(std::filesystem::path dir, const LmdbEnvOptions& options) : dir_(std::move(dir)), options_(options) {}
  int begin_raw(unsigned int flags, MDB_txn** txn);
  Result<void> open_anew();
  Result<void> open_env();
  Result<void> open_tables();
  Result<bool> open_tables_in(MDB_txn* txn, bool create);
  Result<void> reserve_lock_file() const;
  void close();

  std::filesystem::path dir_;
  LmdbEnvOptions options_;
  MDB_env* env_ = nullptr;
  std::array<std::optional<Dbi>, sync::table_count> dbis_{};
  std::atomic<int> txns_open_ = 0;
  std::atomic<bool> writer_open_ = false;
  mutable std::atomic<std::uint64_t> rows_read_ = 0;
  std::shared_mutex reopening_;  ///< held alone while the environment is opened anew, shared by who begins
};

/// Whether `dir`/data.mdb ends before the last page that its newest commit knows of. Pages that were never in use may
/// lie there, so the store may still be whole: verify_structure() tells. Touches no page but the first two.
/// Errors: as of LmdbEnv::open.
Result<bool> ends_early(const std::filesystem::path& dir);

}  // namespace khuoi::storage
