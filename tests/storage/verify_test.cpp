#include "storage/verify.h"

#include <cstdlib>

#include "storage/lmdb_store.h"
#include "sync/base/rng.h"
#include "tests/storage/temp_folder.h"
#include "tests/support/print_result.h"

namespace khuoi::tests {
namespace {

using storage::LmdbStore;
using sync::Table;

void fill(sync::Store& store, int rounds) {
  SeededRng rng(5);
  for (int round = 0; round < rounds; ++round) {
    const auto txn = std::move(*store.begin_write());
    for (int i = 0; i < 200; ++i) {
      Bytes value(rng.below(rng.below(30) == 0 ? 20'000 : 300));
      rng.fill(value);
      REQUIRE(txn->put(Table::record, view_of("key" + std::to_string(rng.below(700))), value));
      REQUIRE(txn->erase(Table::record, view_of("key" + std::to_string(rng.below(700)))));
      REQUIRE(txn->put(Table::dossier, view_of("dossier" + std::to_string(i)), view_of("value")));
    }
    REQUIRE(txn->commit());
  }
}

}  // namespace

TEST_CASE("verify: a sound store is counted, while it is open too", "[storage]") {
  const TempFolder folder;
  const auto store = std::move(*LmdbStore::open(folder / "store", {.create = true}));
  fill(*store, 20);
  const auto report = storage::verify_structure(folder / "store");
  REQUIRE(report);
  const auto& dossiers = report->tables.at(static_cast<std::size_t>(Table::dossier));
  CHECK(dossiers.entries == 200);
  CHECK(dossiers.octets == 10 * 8 + 90 * 9 + 100 * 10 + 200 * 5);
  CHECK(report->tables.at(static_cast<std::size_t>(Table::outbox)).entries == 0);
  CHECK(report->pages > 50);
  CHECK(report->page_octets == 4096);
  const auto txn = store->begin_read();  // the child's end left our lock alone
  CHECK(txn);
}

TEST_CASE("verify: no store, no report", "[storage]") {
  const TempFolder folder;
  CHECK(storage::verify_structure(folder / "store").error().code == Errc::not_found);
}

TEST_CASE("verify: a file cut short ends the child, not the caller", "[storage]") {
  const TempFolder folder;
  { fill(**LmdbStore::open(folder / "store", {.create = true}), 10); }
  const auto file = folder / "store/data.mdb";
  const auto octets = std::filesystem::file_size(file);
  for (const std::uintmax_t part : {2, 3, 10}) {
    std::filesystem::resize_file(file, octets / part);
    CHECK(storage::verify_structure(folder / "store").error().code == Errc::damaged);
  }
}

TEST_CASE("a store cut short anywhere is refused or whole, and opening it comes back", "[storage]") {
  const TempFolder folder;
  { fill(**LmdbStore::open(folder / "store", {.create = true}), 10); }
  const auto file = folder / "store/data.mdb";
  const auto octets = std::filesystem::file_size(file);
  const Bytes whole = read_file(file);
  int refused = 0;
  constexpr int cuts = 24;
  for (std::uintmax_t cut = 1; cut <= cuts; ++cut) {
    write_file(file, ByteView(whole).first(octets - octets * cut / (cuts + 1) + cut % 3));
    const auto opened = LmdbStore::open(folder / "store");
    if (opened) continue;  // what was cut off was in no use
    ++refused;
    CHECK(opened.error().code == Errc::damaged);
    CHECK(opened.error().what.find((folder / "store").string()) != std::string::npos);
  }
  CHECK(refused > cuts / 2);
}

TEST_CASE("verify: with pages overwritten at random it reports or passes, and always comes back", "[storage]") {
  const TempFolder folder;
  { fill(**LmdbStore::open(folder / "store", {.create = true}), 10); }
  const auto file = folder / "store/data.mdb";
  const Bytes whole = read_file(file);
  SeededRng rng(17);
  int found = 0;
  constexpr int rounds = 60;
  for (int round = 0; round < rounds; ++round) {
    Bytes changed = whole;
    const std::size_t page = 2 + rng.below(whole.size() / 4096 - 2);
    const auto at = static_cast<std::ptrdiff_t>(page * 4096);
    switch (round % 3) {
      case 0:
        rng.fill(std::span(changed).subspan(page * 4096, 4096));
        break;
      case 1:
        std::fill_n(changed.begin() + at, 4096, std::uint8_t{0});
        break;
      default:
        std::copy_n(whole.begin() + static_cast<std::ptrdiff_t>((2 + rng.below(20)) * 4096), 4096,
                    changed.begin() + at);
    }
    write_file(file, changed);
    const auto report = storage::verify_structure(folder / "store");
    if (!report) {
      ++found;
      CHECK(report.error().code == Errc::damaged);
    }
  }
  CHECK(found > rounds / 10);  // free pages and the insides of values are not LMDB's to know
}

}  // namespace khuoi::tests
