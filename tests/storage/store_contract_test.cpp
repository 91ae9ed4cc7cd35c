// One suite against both stores. It is compiled here and nowhere else.
#include "tests/contract/store_contract.cpp"

#include <cstdlib>

#include "sim/memory_store.h"
#include "storage/lmdb_store.h"
#include "tests/storage/temp_folder.h"

namespace khuoi::tests {
namespace {

std::uint64_t seed_or(std::uint64_t otherwise) {
  const char* text = std::getenv("KHUOI_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

StoreUnderTest lmdb_in(const TempFolder& folder) {
  const auto options = std::make_shared<storage::LmdbOptions>();  // make and reopen share it
  options->create = true;
  const auto open = [&folder, options]() -> std::unique_ptr<sync::Store> {
    auto store = storage::LmdbStore::open(folder / "store", *options);
    if (!store) FAIL(store.error().what);
    return std::move(*store);
  };
  return {[=, &folder](std::uint64_t octets_max) {
            std::filesystem::remove_all(folder / "store");
            if (octets_max != 0) options->map_octets_max = octets_max;
            return open();
          },
          [=](std::unique_ptr<sync::Store> old) {
            old.reset();
            return open();
          }};
}

StoreUnderTest in_memory() {
  return {[](std::uint64_t octets_max) -> std::unique_ptr<sync::Store> {
            if (octets_max == 0) return std::make_unique<sim::MemoryStore>();
            return std::make_unique<sim::MemoryStore>(octets_max);
          },
          [](std::unique_ptr<sync::Store> old) -> std::unique_ptr<sync::Store> {
            return dynamic_cast<sim::MemoryStore&>(*old).clone();
          }};
}

}  // namespace

TEST_CASE("store contract: LMDB keeps it", "[storage][contract]") {
  const TempFolder folder;
  check_store_contract(lmdb_in(folder));
}

TEST_CASE("store contract: the store in memory keeps it", "[sim][contract]") { check_store_contract(in_memory()); }

TEST_CASE("store contract: random changes agree with a plain map", "[storage][contract]") {
  const TempFolder folder;
  check_store_against_model(lmdb_in(folder), seed_or(7), 150);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) check_store_against_model(in_memory(), seed_or(seed), 200);
}

TEST_CASE("memory store: a clone and its source go apart", "[sim]") {
  sim::MemoryStore store;
  put_committed(store, Table::record, "a", "one");
  const auto copy = store.clone();
  put_committed(store, Table::record, "a", "two");
  put_committed(*copy, Table::record, "b", "three");
  CHECK(get(*read_from(store), Table::record, "a") == "two");
  CHECK(get(*read_from(*copy), Table::record, "a") == "one");
  CHECK(keys_from(*read_from(store), Table::record, "") == "a ");
}

TEST_CASE("memory store: a commit told to fail changes nothing", "[sim]") {
  sim::MemoryStore store;
  store.fail_commit(1, fail(Errc::disk_full, "planned"));
  put_committed(store, Table::record, "a", "one");
  {
    const auto txn = write_to(store);
    put(*txn, Table::record, "a", "two");
    CHECK(txn->commit().error().code == Errc::disk_full);
  }
  CHECK(get(*read_from(store), Table::record, "a") == "one");
  put_committed(store, Table::record, "a", "three");
  CHECK(get(*read_from(store), Table::record, "a") == "three");
}

}  // namespace khuoi::tests
