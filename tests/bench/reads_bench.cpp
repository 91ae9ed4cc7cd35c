// What it costs to read every row of a table of a store on disk, and nothing else: the floor under whatever walks one.
// KHUOI_BENCH_STORE names the store. Napkin: a page of 4 kB takes 0.2 us, a row of 0.2 kB within it 50 ns.
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "storage/lmdb_store.h"
#include "tests/support/print_result.h"

using namespace khuoi;

TEST_CASE("bench: plain reads of a store", "[.][bench][reads]") {
  const char* place = std::getenv("KHUOI_BENCH_STORE");
  INFO("KHUOI_BENCH_STORE names no store");
  REQUIRE(place != nullptr);
  const auto store = storage::LmdbStore::open(place, {.read_only = true});
  REQUIRE(store);
  for (const sync::Table table : {sync::Table::dossier, sync::Table::summary, sync::Table::record}) {
    std::uint64_t rows = 0;
    std::uint64_t octets = 0;
    unsigned sum = 0;  // so that each octet is read
    const std::clock_t began = std::clock();
    const auto txn = (*store)->begin_read();
    REQUIRE(txn);
    REQUIRE((*txn)->scan(table, {}, [&](ByteView key, ByteView value) -> Result<sync::Walk> {
      ++rows;
      octets += key.size() + value.size();
      for (const std::uint8_t octet : value) sum += octet;
      return sync::Walk::on;
    }));
    CHECK(rows == *(*txn)->entries(table));
    const double cpu_ms = 1000.0 * static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
    std::printf("plain reads: table=%s rows=%llu octets=%llu cpu_ms=%.3f sum=%u\n", std::string(name_of(table)).c_str(),
                static_cast<unsigned long long>(rows), static_cast<unsigned long long>(octets), cpu_ms, sum);
  }
}
