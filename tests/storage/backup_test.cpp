#include "storage/backup.h"

#include <sys/stat.h>

#include <map>

#include "storage/verify.h"
#include "sync/base/rng.h"
#include "tests/storage/temp_folder.h"
#include "tests/support/print_result.h"

namespace khuoi::tests {
namespace {

using storage::LmdbStore;
using sync::Table;

/// DIR/data/store with some hundred entries, and an empty DIR/out beside it.
std::unique_ptr<LmdbStore> filled_store(const TempFolder& folder) {
  std::filesystem::create_directories(folder / "data");
  std::filesystem::create_directories(folder / "out");
  auto store = std::move(*LmdbStore::open(folder / "data/store", {.create = true}));
  SeededRng rng(3);
  const auto txn = std::move(*store->begin_write());
  for (int i = 0; i < 500; ++i) {
    Bytes value(rng.below(i == 7 ? 300'000 : 200));
    rng.fill(value);
    REQUIRE(txn->put(Table::record, view_of("key" + std::to_string(i)), value));
  }
  REQUIRE(txn->commit());
  return store;
}

std::map<Bytes, Bytes> entries_of(const sync::Store& store) {
  std::map<Bytes, Bytes> out;
  const auto txn = store.begin_read();
  REQUIRE((*txn)->scan(Table::record, {},
                       [&](ByteView key, ByteView value) { out.emplace(to_bytes(key), to_bytes(value)); }));
  return out;
}

}  // namespace

TEST_CASE("backup: what is restored is what was there, and only its owner can read it", "[storage]") {
  const TempFolder folder;
  const auto store = filled_store(folder);
  const auto file = folder / "out/backup";
  REQUIRE(storage::backup_to(*store, file, folder / "data"));
  CHECK(entries_in(folder / "out") == 1);
  struct stat info {};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777U) == 0600);
  REQUIRE(storage::restore_from(file, folder / "restored"));
  const auto restored = LmdbStore::open(folder / "restored");
  REQUIRE(restored);
  CHECK(entries_of(**restored) == entries_of(*store));
}

TEST_CASE("backup: it replaces an earlier one, and is compact", "[storage]") {
  const TempFolder folder;
  const auto store = filled_store(folder);
  {
    auto txn = std::move(*store->begin_write());
    REQUIRE(txn->put(Table::chunk, view_of("large"), Bytes(3'000'000, 1)));
    REQUIRE(txn->commit());
    txn = std::move(*store->begin_write());
    REQUIRE(txn->erase(Table::chunk, view_of("large")));
    REQUIRE(txn->commit());
  }
  write_file(folder / "out/backup", Bytes(10, 1));
  REQUIRE(storage::backup_to(*store, folder / "out/backup", folder / "data"));
  CHECK(std::filesystem::file_size(folder / "out/backup") < 1'000'000);
  CHECK(storage::check_backup(folder / "out/backup"));
}

TEST_CASE("backup: it is not written where it would be lost with the data, nor over a folder or device", "[storage]") {
  const TempFolder folder;
  const auto store = filled_store(folder);
  std::filesystem::create_directory_symlink(folder / "data", folder / "link");
  for (const auto* name : {"data/backup", "data/store/backup", "link/backup", "out/../data/backup", "out"}) {
    INFO(name);
    CHECK(storage::backup_to(*store, folder / name, folder / "data").error().code == Errc::usage);
  }
  CHECK(storage::backup_to(*store, "/dev/null", folder / "data").error().code == Errc::usage);
  CHECK(storage::backup_to(*store, folder / "nowhere/backup", folder / "data").error().code == Errc::not_found);
  CHECK(entries_in(folder / "out") == 0);
  CHECK(entries_in(folder / "data") == 1);
}

TEST_CASE("backup: cut anywhere or changed anywhere, it is refused and nothing is made", "[storage]") {
  const TempFolder folder;
  const auto store = filled_store(folder);
  const auto file = folder / "out/backup";
  REQUIRE(storage::backup_to(*store, file, folder / "data"));
  const Bytes whole = read_file(file);
  SeededRng rng(11);
  const auto refused = [&](const Bytes& octets) {
    write_file(file, octets);
    const auto done = storage::restore_from(file, folder / "restored");
    REQUIRE_FALSE(done);
    const Errc code = done.error().code;
    CHECK((code == Errc::damaged || code == Errc::malformed || code == Errc::unsupported));
    CHECK(entries_in(folder.path()) == 2);
  };
  for (int i = 0; i < 60; ++i) {
    Bytes changed = whole;
    const std::size_t at = i < 16   ? static_cast<std::size_t>(i)
                           : i < 30 ? whole.size() - 1 - rng.below(48)
                                    : rng.below(whole.size());
    changed[at] ^= static_cast<std::uint8_t>(1U << rng.below(8));
    refused(changed);
    refused(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at)));
  }
  Bytes longer = whole;
  longer.push_back(0);
  refused(longer);
}

TEST_CASE("backup: it is not restored over what is there", "[storage]") {
  const TempFolder folder;
  const auto store = filled_store(folder);
  REQUIRE(storage::backup_to(*store, folder / "out/backup", folder / "data"));
  CHECK(storage::restore_from(folder / "out/backup", folder / "data/store").error().code == Errc::exists);
  CHECK(storage::restore_from(folder / "out/backup", folder / "data").error().code == Errc::exists);
  CHECK(storage::restore_from(folder / "out/none", folder / "restored").error().code == Errc::not_found);
  CHECK(storage::restore_from(folder / "out", folder / "restored").error().code == Errc::malformed);
}

}  // namespace khuoi::tests
