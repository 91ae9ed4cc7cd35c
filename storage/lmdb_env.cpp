#include "storage/lmdb_env.h"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>

#include "storage/files.h"
#include "storage/lmdb_error.h"
#include "sync/base/check.h"

namespace khuoi::storage {
namespace {

constexpr mdb_mode_t file_mode = 0600;
/// What LMDB 0.9.24 makes lock.mdb for its default 126 readers: one cache line each, and two for the header.
constexpr off_t lock_file_octets = 8192;

}  // namespace

Result<std::unique_ptr<LmdbEnv>> LmdbEnv::open(const std::filesystem::path& dir, const LmdbEnvOptions& options) {
  std::unique_ptr<LmdbEnv> env(new LmdbEnv(dir, options));
  KHUOI_TRY_VOID(env->open_env());
  return env;
}

LmdbEnv::~LmdbEnv() { close(); }

void LmdbEnv::close() {
  KHUOI_CHECK(txns_open_ == 0);
  if (env_ != nullptr) mdb_env_close(env_);
  env_ = nullptr;
  dbis_.fill(std::nullopt);
}

Error LmdbEnv::error(int rc, const std::string& doing) const { return lmdb_error(rc, doing, dir_.string()); }

/// LMDB writes lock.mdb through a shared map. On a full disk the first touch of a page without a block raises SIGBUS,
/// so the blocks are claimed here, where lack of space is an error like any other.
Result<void> LmdbEnv::reserve_lock_file() const {
  const std::filesystem::path path = dir_ / "lock.mdb";
  struct stat info {};
  const bool there = ::stat(path.c_str(), &info) == 0;
  if (there && info.st_size >= lock_file_octets && info.st_blocks * 512 >= lock_file_octets) return {};
  const std::string doing = "cannot prepare " + path.string();
  const Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, file_mode));
  if (!fd.open()) return errno_error(errno, doing);
  if (const int rc = ::posix_fallocate(fd.get(), 0, lock_file_octets); rc != 0) return errno_error(rc, doing);
  return {};
}

Result<void> LmdbEnv::open_env() {
  unsigned int flags = MDB_NOTLS;  // a read transaction may move between threads
  if (options_.read_only) flags |= MDB_RDONLY;
  if (auto reserved = reserve_lock_file(); !reserved) {
    // Nobody can hold a lock file that cannot even be made, so reading without one is safe.
    if (!options_.read_only || reserved.error().code != Errc::read_only) return reserved.error();
    std::error_code ignored;
    if (!std::filesystem::exists(dir_ / "lock.mdb", ignored)) flags |= MDB_NOLOCK;
  }
  if (const int rc = mdb_env_create(&env_); rc != 0) return error(rc, "cannot prepare an environment");
  mdb_env_set_mapsize(env_, static_cast<std::size_t>(options_.map_octets_max));
  mdb_env_set_maxdbs(env_, sync::table_count + 3);
  if (const int rc = mdb_env_open(env_, dir_.c_str(), flags, file_mode); rc != 0)
    return error(rc, "cannot open data.mdb");
  int dead_readers = 0;
  if (const int rc = mdb_reader_check(env_, &dead_readers); rc != 0) return error(rc, "cannot check the readers");
  return open_tables();
}

Result<bool> LmdbEnv::open_tables_in(MDB_txn* txn, bool create) {
  bool all = true;
  for (std::size_t i = 0; i < sync::table_count; ++i) {
    const std::string name(name_of(static_cast<sync::Table>(i)));
    Dbi dbi = 0;
    const int rc = mdb_dbi_open(txn, name.c_str(), create ? MDB_CREATE : 0, &dbi);
    if (rc == MDB_NOTFOUND) {
      all = false;
    } else if (rc != 0) {
      return error(rc, "cannot open the table " + name);
    } else {
      dbis_[i] = dbi;
    }
  }
  return all;
}

Result<void> LmdbEnv::open_tables() {
  bool complete = false;
  for (const bool create : {false, true}) {
    if (complete || (create && options_.read_only)) break;
    MDB_txn* txn = nullptr;
    if (const int rc = mdb_txn_begin(env_, nullptr, create ? 0 : MDB_RDONLY, &txn); rc != 0) {
      return error(rc, "cannot begin");
    }
    auto opened = open_tables_in(txn, create);
    if (!opened) {
      mdb_txn_abort(txn);
      return opened.error();
    }
    complete = *opened;
    // Committed also when reading: that is what makes the handles the environment's.
    if (const int rc = mdb_txn_commit(txn); rc != 0) return error(rc, "cannot create the tables");
  }
  return {};
}

Result<MDB_txn*> LmdbEnv::begin(bool write) {
  if (write && options_.read_only)
    return fail(Errc::read_only, "the store " + dir_.string() +
                                     " is on a disk that can only be read, so nothing can be saved: rescue it with 'khuoi "
                                     "backup' or 'khuoi export', and see to the disk");
  if (write && writer_open_.exchange(true)) {
    return fail(Errc::busy, "a write to the store " + dir_.string() + " has begun and has not ended");
  }
  MDB_txn* txn = nullptr;
  const unsigned int flags = write ? 0 : MDB_RDONLY;
  int rc = begin_raw(flags, &txn);
  if (rc == MDB_READERS_FULL) {
    int dead_readers = 0;
    mdb_reader_check(env_, &dead_readers);
    rc = begin_raw(flags, &txn);
  } else if (rc == MDB_PANIC) {
    if (auto opened = open_anew(); !opened) {
      if (write) writer_open_ = false;
      return opened.error();
    }
    rc = begin_raw(flags, &txn);
  }
  if (rc != 0) {
    if (write) writer_open_ = false;
    return error(rc, write ? "cannot begin a write" : "cannot begin a read");
  }
  return txn;
}

int LmdbEnv::begin_raw(unsigned int flags, MDB_txn** txn) {
  const std::shared_lock held(reopening_);
  const int rc = env_ == nullptr ? MDB_PANIC : mdb_txn_begin(env_, nullptr, flags, txn);
  if (rc == 0) ++txns_open_;
  return rc;
}

/// The meta page could not be written: the environment refuses to go on until it is opened anew, once nobody reads.
Result<void> LmdbEnv::open_anew() {
  const std::unique_lock held(reopening_);
  if (txns_open_ != 0) return {};
  close();
  auto opened = open_env();
  if (!opened) close();
  return opened;
}

Result<void> LmdbEnv::end(MDB_txn* txn, bool write, bool commit) {
  int rc = 0;
  if (commit) {
    rc = mdb_txn_commit(txn);
  } else {
    mdb_txn_abort(txn);
  }
  --txns_open_;
  if (write) writer_open_ = false;
  if (rc != 0) return error(rc, "cannot commit");
  return {};
}

Result<bool> ends_early(const std::filesystem::path& dir) {
  const std::string doing = "cannot open data.mdb";
  MDB_env* env = nullptr;
  if (const int rc = mdb_env_create(&env); rc != 0) return lmdb_error(rc, doing, dir.string());
  MDB_envinfo info{};
  MDB_stat stat{};
  // Without locks: nothing but the head of the file is read.
  const int rc = mdb_env_open(env, dir.c_str(), MDB_RDONLY | MDB_NOLOCK, file_mode);
  if (rc == 0) mdb_env_info(env, &info);
  if (rc == 0) mdb_env_stat(env, &stat);
  mdb_env_close(env);
  if (rc != 0) return lmdb_error(rc, doing, dir.string());
  std::error_code failed;
  const std::uintmax_t octets = std::filesystem::file_size(dir / "data.mdb", failed);
  if (failed) return errno_error(failed.value(), doing);
  return octets / stat.ms_psize <= info.me_last_pgno;
}

}  // namespace khuoi::storage
