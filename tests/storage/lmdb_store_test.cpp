#include "storage/lmdb_store.h"

#include <lmdb.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "storage/lmdb_error.h"
#include "storage/upgrade.h"
#include "tests/storage/temp_folder.h"
#include "tests/support/print_result.h"

namespace khuoi::tests {
namespace {

using storage::LmdbOptions;
using storage::LmdbStore;
using sync::Table;

constexpr LmdbOptions creating{.create = true};

mode_t mode_of(const std::filesystem::path& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777U;
}

Result<void> put(sync::Store& store, Table table, std::string_view key, ByteView value) {
  KHUOI_TRY(const auto txn, store.begin_write());
  KHUOI_TRY_VOID(txn->put(table, view_of(key), value));
  return txn->commit();
}

bool has(const sync::Store& store, Table table, std::string_view key) {
  const auto txn = store.begin_read();
  REQUIRE(txn);
  return (*txn)->get(table, view_of(key))->has_value();
}

}  // namespace

TEST_CASE("store: a new one is readable by its owner only", "[storage]") {
  const TempFolder folder;
  REQUIRE(LmdbStore::open(folder / "store", creating));
  CHECK(mode_of(folder / "store") == 0700);
  CHECK(mode_of(folder / "store/data.mdb") == 0600);
  CHECK(mode_of(folder / "store/lock.mdb") == 0600);
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("store: without create, none is made", "[storage]") {
  const TempFolder folder;
  CHECK(LmdbStore::open(folder / "store").error().code == Errc::not_found);
  CHECK(LmdbStore::open(folder / "store", {.create = true, .read_only = true}).error().code == Errc::not_found);
  CHECK(entries_in(folder.path()) == 0);
}

TEST_CASE("store: what a creation that was cut off left is removed", "[storage]") {
  const TempFolder folder;
  std::filesystem::create_directory(folder / "store.new");
  write_file(folder / "store.new/data.mdb", Bytes(5000, 7));
  REQUIRE(LmdbStore::open(folder / "store", creating));
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("store: an existing folder is taken when empty, refused when it holds something else", "[storage]") {
  const TempFolder folder;
  std::filesystem::create_directory(folder / "store");
  REQUIRE(LmdbStore::open(folder / "store", creating));
  std::filesystem::create_directory(folder / "other");
  write_file(folder / "other/thesis.odt", Bytes(10, 1));
  CHECK(LmdbStore::open(folder / "other", creating).error().code == Errc::exists);
  CHECK(entries_in(folder / "other") == 1);
}

TEST_CASE("store: an empty, foreign or overwritten data file is damaged, never started afresh", "[storage]") {
  const TempFolder folder;
  const auto file = folder / "store/data.mdb";
  { REQUIRE(LmdbStore::open(folder / "store", creating)); }
  const Bytes content = GENERATE(Bytes(), Bytes(100, 1), Bytes(20'000, 0xff), Bytes(20'000, 0));
  write_file(file, content);
  const auto store = LmdbStore::open(folder / "store", creating);
  REQUIRE_FALSE(store);
  CHECK(store.error().code == Errc::damaged);
  CHECK(read_file(file) == content);
}

TEST_CASE("store: many readers on many threads share it with the writer", "[storage]") {
  const TempFolder folder;
  const auto store = std::move(*LmdbStore::open(folder / "store", creating));
  std::vector<std::unique_ptr<sync::ReadTxn>> readers;
  for (int i = 0; i < 100; ++i) readers.push_back(std::move(*store->begin_read()));
  std::thread other([&] {
    CHECK(put(*store, Table::record, "a", view_of("one")));
    readers.clear();  // begun here, ended there
  });
  other.join();
  CHECK(has(*store, Table::record, "a"));
}

TEST_CASE("store: more readers than it has places for are told to come again", "[storage]") {
  const TempFolder folder;
  const auto store = std::move(*LmdbStore::open(folder / "store", creating));
  std::vector<std::unique_ptr<sync::ReadTxn>> readers;
  std::optional<Error> error;
  while (!error && readers.size() < 1000) {
    auto txn = store->begin_read();
    if (txn) {
      readers.push_back(std::move(*txn));
    } else {
      error = txn.error();
    }
  }
  REQUIRE(error);
  CHECK(error->code == Errc::busy);
  readers.clear();
  CHECK(store->begin_read());
}

TEST_CASE("store: a writer killed in the middle leaves the last commit and no lock", "[storage]") {
  const TempFolder folder;
  { REQUIRE(LmdbStore::open(folder / "store", creating)); }
  const pid_t pid = ::fork();
  if (pid == 0) {
    auto store = LmdbStore::open(folder / "store");
    (void)put(**store, Table::record, "committed", {});
    auto txn = (*store)->begin_write();
    (void)(*txn)->put(Table::record, view_of("not committed"), Bytes(100'000, 1));
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  const auto store = LmdbStore::open(folder / "store");
  REQUIRE(store);
  CHECK(has(**store, Table::record, "committed"));
  CHECK_FALSE(has(**store, Table::record, "not committed"));
  CHECK(put(**store, Table::record, "next", {}));
}

TEST_CASE("store: usage counts pages in use, not freed ones", "[storage]") {
  const TempFolder folder;
  const auto store = std::move(*LmdbStore::open(folder / "store", creating));
  const auto empty = store->usage();
  CHECK(empty.octets_max == std::uint64_t{64} << 30);
  CHECK(empty.octets_used < 200'000);
  REQUIRE(put(*store, Table::chunk, "a", Bytes(std::size_t{4} << 20, 1)));
  CHECK(store->usage().octets_used > std::uint64_t{4} << 20);
  {
    const auto txn = std::move(*store->begin_write());
    REQUIRE(txn->erase(Table::chunk, view_of("a")));
    REQUIRE(txn->commit());
  }
  CHECK(store->usage().octets_used < 300'000);
}

TEST_CASE("store: every LMDB code becomes one of ours, in a sentence that names the folder", "[storage]") {
  const auto code = [](int rc) {
    const Error error = storage::lmdb_error(rc, "cannot write", "/some/where");
    CHECK(error.what.find("/some/where") != std::string::npos);
    return error.code;
  };
  CHECK(code(MDB_MAP_FULL) == Errc::store_full);
  CHECK(code(MDB_TXN_FULL) == Errc::too_large);
  CHECK(code(MDB_BAD_VALSIZE) == Errc::too_large);
  CHECK(code(MDB_CORRUPTED) == Errc::damaged);
  CHECK(code(MDB_INVALID) == Errc::damaged);
  CHECK(code(MDB_VERSION_MISMATCH) == Errc::unsupported);
  CHECK(code(MDB_PANIC) == Errc::io);
  CHECK(code(ENOSPC) == Errc::disk_full);
  CHECK(code(EDQUOT) == Errc::disk_full);
  CHECK(code(EROFS) == Errc::read_only);
  CHECK(code(EACCES) == Errc::read_only);
  CHECK(code(EIO) == Errc::io);
}

TEST_CASE("upgrade: a new store has this build's format, a newer one is refused", "[storage]") {
  const TempFolder folder;
  {
    const auto store = std::move(*LmdbStore::open(folder / "store", creating));
    CHECK(*storage::read_store_format(**store->begin_read()) == storage::store_format_now);
    const auto txn = std::move(*store->begin_write());
    REQUIRE(storage::write_store_format(*txn, storage::store_format_now + 1));
    REQUIRE(txn->commit());
  }
  CHECK(LmdbStore::open(folder / "store").error().code == Errc::unsupported);
  CHECK(LmdbStore::open(folder / "store", {.read_only = true}).error().code == Errc::unsupported);
}

TEST_CASE("upgrade: an earlier format goes through its step, all or nothing", "[storage]") {
  const TempFolder folder;
  const auto store = std::move(*LmdbStore::open(folder / "store", creating));
  {
    const auto txn = std::move(*store->begin_write());
    REQUIRE(txn->erase(Table::meta, view_of("store_format")));  // what format 0 looks like
    REQUIRE(txn->commit());
  }
  CHECK(storage::check_store_format(*store).error().code == Errc::unsupported);
  CHECK(storage::upgrade_store(*store, {}).error().code == Errc::unsupported);

  const std::array<storage::UpgradeStep, 1> failing = {{{0, [](sync::WriteTxn& txn) -> Result<void> {
                                                           KHUOI_TRY_VOID(txn.put(Table::meta, view_of("half"), {}));
                                                           return fail(Errc::damaged, "planned");
                                                         }}}};
  CHECK(storage::upgrade_store(*store, failing).error().code == Errc::damaged);
  CHECK_FALSE(has(*store, Table::meta, "half"));

  const std::array<storage::UpgradeStep, 1> steps = {
      {{0, [](sync::WriteTxn& txn) { return txn.put(Table::meta, view_of("upgraded"), {}); }}}};
  REQUIRE(storage::upgrade_store(*store, steps));
  CHECK(has(*store, Table::meta, "upgraded"));
  CHECK(*storage::read_store_format(**store->begin_read()) == storage::store_format_now);
  REQUIRE(storage::upgrade_store(*store, steps));
}

TEST_CASE("upgrade: a format number of the wrong length is damaged", "[storage]") {
  const TempFolder folder;
  const auto store = std::move(*LmdbStore::open(folder / "store", creating));
  REQUIRE(put(*store, Table::meta, "store_format", Bytes(3)));
  CHECK(storage::upgrade_store(*store, {}).error().code == Errc::damaged);
}

}  // namespace khuoi::tests
