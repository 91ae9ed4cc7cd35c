#include "sim/ledger.h"

#include <catch2/catch.hpp>

#include "sim/trace.h"
#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::sim;

namespace {

Bytes key_of_number(std::uint32_t number) {
  return sync::key_of(sync::Ref{NodeId::filled(1), RunId::filled(2), number});
}
/// Class and rank, a node's own view, body.
Bytes stored(std::uint8_t body) { return {1, 0, body, body}; }

}  // namespace

TEST_CASE("ledger: two sealings under one number are a violation, the same one twice is none", "[sim]") {
  Ledger ledger;
  ledger.sealed(key_of_number(2), stored(7));
  CHECK_NOTHROW(ledger.sealed(key_of_number(2), stored(7)));
  CHECK_NOTHROW(ledger.sealed(key_of_number(3), stored(8)));
  CHECK_THROWS_AS(ledger.sealed(key_of_number(2), stored(8)), Violation);
}

TEST_CASE("ledger: nobody may take in what was not committed, not sealed, or changed", "[sim]") {
  Ledger ledger;
  CHECK_THROWS_AS(ledger.taken(key_of_number(2), stored(7), "xã"), Violation);
  ledger.sealed(key_of_number(2), stored(7));
  CHECK_THROWS_AS(ledger.taken(key_of_number(2), stored(7), "xã"), Violation);
  ledger.sealed_committed(key_of_number(2));
  CHECK_NOTHROW(ledger.taken(key_of_number(2), stored(7), "xã"));
  CHECK_THROWS_AS(ledger.taken(key_of_number(2), stored(8), "xã"), Violation);
}

TEST_CASE("ledger: what a restored commune has no more counts as lost", "[sim]") {
  Ledger ledger;
  MemoryStore store;
  ledger.commune_committed(key_of_number(2));
  ledger.commune_committed(key_of_number(3));
  auto txn = store.begin_write();
  REQUIRE((*txn)->put(sync::Table::record, key_of_number(3), stored(7)));
  REQUIRE((*txn)->commit());
  ledger.commune_restored(**store.begin_read());
  CHECK(ledger.lost_by_commune(key_of_number(2)));
  CHECK_FALSE(ledger.lost_by_commune(key_of_number(3)));
  CHECK(ledger.reached_commune(key_of_number(2)));
}

TEST_CASE("watched store: a put is seen before its commit, and a dropped transaction commits nothing", "[sim]") {
  Ledger ledger;
  NodeWatch watch(ledger, "Nà Lay", false);
  watch.set_self(NodeId::filled(1));
  WatchedStore store(std::make_unique<MemoryStore>(), watch);
  {
    auto txn = store.begin_write();
    REQUIRE((*txn)->put(sync::Table::record, key_of_number(2), stored(7)));
  }
  CHECK(watch.take_written().size() == 1);
  // It was sealed, though never committed: no other node may hold it, and the number is used up.
  CHECK_THROWS_AS(ledger.taken(key_of_number(2), stored(7), "xã"), Violation);
  CHECK_THROWS_AS(ledger.sealed(key_of_number(2), stored(8)), Violation);
  auto txn = store.begin_write();
  REQUIRE((*txn)->put(sync::Table::record, key_of_number(3), stored(9)));
  REQUIRE((*txn)->commit());
  CHECK_NOTHROW(ledger.taken(key_of_number(3), stored(9), "xã"));
}
