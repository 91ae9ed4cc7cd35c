#include "storage/lmdb_store.h"

#include <lmdb.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "storage/files.h"
#include "storage/lmdb_txn.h"
#include "storage/upgrade.h"
#include "storage/verify.h"

namespace khuoi::storage {
namespace {

namespace fs = std::filesystem;

/// LMDB cannot open an environment whose first creation was cut off, so a new one is made aside and renamed.
Result<void> create_store(const fs::path& dir, const LmdbEnvOptions& options) {
  const fs::path temp = dir.string() + ".new";
  const std::string doing = "cannot create the store " + dir.string();
  std::error_code ignored;
  fs::remove_all(temp, ignored);
  if (::mkdir(temp.c_str(), 0700) != 0) return errno_error(errno, doing);
  RemoveUnlessKept litter(temp);
  {
    KHUOI_TRY(const auto env, LmdbEnv::open(temp, options));
    KHUOI_TRY(const auto txn, LmdbWriteTxn::begin(*env));
    KHUOI_TRY_VOID(write_store_format(*txn, store_format_now));
    KHUOI_TRY_VOID(txn->commit());
  }
  KHUOI_TRY_VOID(sync_folder(temp));
  if (::rename(temp.c_str(), dir.c_str()) != 0) return errno_error(errno, doing);
  litter.keep();
  return sync_folder(folder_of(dir));
}

Result<void> check_or_create(const fs::path& dir, const LmdbOptions& options, const LmdbEnvOptions& env_options) {
  struct stat info {};
  if (::stat((dir / "data.mdb").c_str(), &info) == 0) {
    // LMDB would quietly start an empty file afresh.
    if (info.st_size == 0) return fail(Errc::damaged, "the store " + dir.string() + " is empty; restore a backup");
    // A page behind the end of a mapped file cannot be touched without SIGBUS: the walk does so in a child.
    KHUOI_TRY(const bool early, ends_early(dir));
    if (early) KHUOI_TRY_VOID(verify_structure(dir));
    return {};
  }
  if (errno != ENOENT) return errno_error(errno, "cannot look into the store " + dir.string());
  if (!options.create || options.read_only) return fail(Errc::not_found, "there is no store in " + dir.string());
  return create_store(dir, env_options);
}

std::uint64_t free_pages(MDB_txn* txn) {
  constexpr MDB_dbi free_list = 0;  // LMDB's own table of freed pages: each value starts with their count
  MDB_cursor* cursor = nullptr;
  if (mdb_cursor_open(txn, free_list, &cursor) != 0) return 0;
  std::uint64_t pages = 0;
  MDB_val key{};
  MDB_val value{};
  while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
    std::size_t count = 0;
    if (value.mv_size >= sizeof count) std::memcpy(&count, value.mv_data, sizeof count);
    pages += count;
  }
  mdb_cursor_close(cursor);
  return pages;
}

}  // namespace

bool holds_store(const fs::path& dir) {
  struct stat info {};
  return ::lstat((dir / "data.mdb").c_str(), &info) == 0;
}

Result<std::unique_ptr<LmdbStore>> LmdbStore::open(const fs::path& dir, const LmdbOptions& options) {
  const LmdbEnvOptions env_options{options.map_octets_max, options.read_only};
  KHUOI_TRY_VOID(check_or_create(dir, options, env_options));
  KHUOI_TRY(auto env, LmdbEnv::open(dir, env_options));
  std::unique_ptr<LmdbStore> store(new LmdbStore(std::move(env)));
  if (options.read_only) {
    KHUOI_TRY_VOID(check_store_format(*store));
  } else {
    KHUOI_TRY_VOID(upgrade_store(*store, upgrade_steps()));
  }
  return store;
}

Result<std::unique_ptr<sync::ReadTxn>> LmdbStore::begin_read() const { return LmdbReadTxn::begin(*env_); }

Result<std::unique_ptr<sync::WriteTxn>> LmdbStore::begin_write() { return LmdbWriteTxn::begin(*env_); }

sync::StoreUsage LmdbStore::usage() const {
  MDB_envinfo info{};
  MDB_stat stat{};
  mdb_env_info(env_->raw(), &info);
  mdb_env_stat(env_->raw(), &stat);
  std::uint64_t pages = info.me_last_pgno + 1;
  if (const auto txn = env_->begin(false)) {
    pages -= std::min(pages, free_pages(*txn));
    (void)env_->end(*txn, false, false);
  }
  return {pages * stat.ms_psize, info.me_mapsize};
}

Result<void> LmdbStore::copy_compact_to(int fd) const {
  if (const int rc = mdb_env_copyfd2(env_->raw(), fd, MDB_CP_COMPACT); rc != 0) return env_->error(rc, "cannot copy");
  return {};
}

}  // namespace khuoi::storage
