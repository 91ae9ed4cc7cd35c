#include "tests/contract/store_contract.h"

#include <catch2/catch.hpp>
#include <map>

#include "sync/base/rng.h"
#include "tests/support/print_result.h"

namespace khuoi::tests {
namespace {

using sync::ReadTxn;
using sync::Store;
using sync::Table;
using sync::WriteTxn;

std::unique_ptr<WriteTxn> write_to(Store& store) {
  auto txn = store.begin_write();
  REQUIRE(txn);
  return std::move(*txn);
}

std::unique_ptr<ReadTxn> read_from(const Store& store) {
  auto txn = store.begin_read();
  REQUIRE(txn);
  return std::move(*txn);
}

void put(WriteTxn& txn, Table table, std::string_view key, std::string_view value) {
  REQUIRE(txn.put(table, view_of(key), view_of(value)));
}

void put_committed(Store& store, Table table, std::string_view key, std::string_view value) {
  const auto txn = write_to(store);
  put(*txn, table, key, value);
  REQUIRE(txn->commit());
}

std::optional<std::string> get(const ReadTxn& txn, Table table, std::string_view key) {
  const auto value = txn.get(table, view_of(key));
  REQUIRE(value);
  if (!*value) return std::nullopt;
  return std::string(text_of(**value));
}

std::string keys_from(const ReadTxn& txn, Table table, std::string_view first, int count_max = 1000) {
  std::string out;
  REQUIRE(txn.scan(table, view_of(first), [&](ByteView key, ByteView) {
    out += std::string(text_of(key)) + " ";
    return --count_max > 0;
  }));
  return out;
}

std::string last_up_to(const ReadTxn& txn, Table table, std::string_view key) {
  const auto entry = txn.last_up_to(table, view_of(key));
  REQUIRE(entry);
  return *entry ? std::string(text_of((*entry)->first)) : "-";
}

void check_values(const StoreUnderTest& under_test) {
  SECTION("what is put is read back after the commit, in its own table") {
    const auto store = under_test.make(0);
    put_committed(*store, Table::record, "a", "one");
    const auto txn = read_from(*store);
    CHECK(get(*txn, Table::record, "a") == "one");
    CHECK(get(*txn, Table::record, "b") == std::nullopt);
    CHECK(get(*txn, Table::run, "a") == std::nullopt);
  }
  SECTION("every table takes entries") {
    const auto store = under_test.make(0);
    for (std::size_t i = 0; i < sync::table_count; ++i) {
      put_committed(*store, static_cast<Table>(i), "key", name_of(static_cast<Table>(i)));
    }
    for (std::size_t i = 0; i < sync::table_count; ++i) {
      CHECK(get(*read_from(*store), static_cast<Table>(i), "key") == name_of(static_cast<Table>(i)));
    }
  }
  SECTION("a second put replaces the first, and erasing twice succeeds") {
    const auto store = under_test.make(0);
    put_committed(*store, Table::record, "a", "one");
    put_committed(*store, Table::record, "a", "two and longer");
    CHECK(get(*read_from(*store), Table::record, "a") == "two and longer");
    for (int i = 0; i < 2; ++i) {
      const auto txn = write_to(*store);
      REQUIRE(txn->erase(Table::record, view_of("a")));
      REQUIRE(txn->commit());
    }
    CHECK(get(*read_from(*store), Table::record, "a") == std::nullopt);
  }
  SECTION("an empty value is kept; large values, too") {
    const auto store = under_test.make(0);
    const std::string large(std::size_t{3} << 20, 'x');
    put_committed(*store, Table::chunk, "empty", "");
    put_committed(*store, Table::chunk, "large", large);
    CHECK(get(*read_from(*store), Table::chunk, "empty") == "");
    CHECK(get(*read_from(*store), Table::chunk, "large") == large);
  }
  SECTION("keys hold 1 to 511 octets; others are refused and spoil nothing") {
    const auto store = under_test.make(0);
    const std::string longest(511, 'k');
    const auto txn = write_to(*store);
    put(*txn, Table::meta, longest, "fits");
    CHECK(txn->put(Table::meta, view_of(longest + "k"), {}).error().code == Errc::too_large);
    CHECK(txn->put(Table::meta, {}, view_of("v")).error().code == Errc::malformed);
    REQUIRE(txn->erase(Table::meta, {}));
    REQUIRE(txn->erase(Table::meta, view_of(longest + "k")));
    REQUIRE(txn->commit());
    CHECK(get(*read_from(*store), Table::meta, longest) == "fits");
    CHECK(get(*read_from(*store), Table::meta, longest + "k") == std::nullopt);
    CHECK(get(*read_from(*store), Table::meta, "") == std::nullopt);
  }
}

void check_transactions(const StoreUnderTest& under_test) {
  SECTION("dropped without commit, a write leaves no trace") {
    const auto store = under_test.make(0);
    put_committed(*store, Table::record, "a", "one");
    {
      const auto txn = write_to(*store);
      put(*txn, Table::record, "a", "changed");
      put(*txn, Table::record, "b", "new");
      REQUIRE(txn->erase(Table::record, view_of("a")));
    }
    CHECK(get(*read_from(*store), Table::record, "a") == "one");
    CHECK(get(*read_from(*store), Table::record, "b") == std::nullopt);
  }
  SECTION("a reader keeps its picture while others write") {
    const auto store = under_test.make(0);
    put_committed(*store, Table::record, "a", "one");
    const auto before = read_from(*store);
    const auto view = before->get(Table::record, view_of("a"));
    const auto txn = write_to(*store);
    put(*txn, Table::record, "a", "two");
    put(*txn, Table::record, "b", "new");
    CHECK(get(*before, Table::record, "a") == "one");
    REQUIRE(txn->commit());
    CHECK(get(*before, Table::record, "a") == "one");
    CHECK(keys_from(*before, Table::record, "") == "a ");
    CHECK(text_of(**view) == "one");
    CHECK(get(*read_from(*store), Table::record, "a") == "two");
  }
  SECTION("a write sees its own changes, in order with what was there") {
    const auto store = under_test.make(0);
    for (const char* key : {"b", "d", "f"}) put_committed(*store, Table::record, key, "old");
    const auto txn = write_to(*store);
    for (const char* key : {"a", "d", "e", "g"}) put(*txn, Table::record, key, "new");
    REQUIRE(txn->erase(Table::record, view_of("f")));
    CHECK(get(*txn, Table::record, "d") == "new");
    CHECK(get(*txn, Table::record, "f") == std::nullopt);
    CHECK(keys_from(*txn, Table::record, "") == "a b d e g ");
    CHECK(keys_from(*txn, Table::record, "c", 2) == "d e ");
    CHECK(last_up_to(*txn, Table::record, "f") == "e");
    CHECK(last_up_to(*txn, Table::record, "c") == "b");
    CHECK(last_up_to(*txn, Table::record, "A") == "-");
  }
  SECTION("one write at a time; a committed one is over") {
    const auto store = under_test.make(0);
    auto txn = write_to(*store);
    CHECK(store->begin_write().error().code == Errc::busy);
    put(*txn, Table::record, "a", "one");
    REQUIRE(txn->commit());
    CHECK(txn->commit().error().code == Errc::closed);
    CHECK(txn->put(Table::record, view_of("b"), {}).error().code == Errc::closed);
    CHECK(txn->get(Table::record, view_of("a")).error().code == Errc::closed);
    CHECK(txn->scan(Table::record, {}, [](ByteView, ByteView) { return true; }).error().code == Errc::closed);
    REQUIRE(store->begin_write());
    txn.reset();
    REQUIRE(store->begin_write());
  }
  SECTION("committed entries are there after a restart, uncommitted ones are not") {
    auto store = under_test.make(0);
    put_committed(*store, Table::record, "a", "one");
    {
      const auto txn = write_to(*store);
      put(*txn, Table::record, "b", "two");
    }
    store = under_test.reopen(std::move(store));
    CHECK(keys_from(*read_from(*store), Table::record, "") == "a ");
  }
}

void check_order(const StoreUnderTest& under_test) {
  SECTION("a scan goes by unsigned octets from any key on, and stops when told") {
    const auto store = under_test.make(0);
    for (const char* key : {"b", "a", "\xff", "ab", "\x7f", "\x80", "aa"}) put_committed(*store, Table::run, key, "v");
    const auto txn = read_from(*store);
    CHECK(keys_from(*txn, Table::run, "") == "a aa ab b \x7f \x80 \xff ");
    CHECK(keys_from(*txn, Table::run, "aab") == "ab b \x7f \x80 \xff ");
    CHECK(keys_from(*txn, Table::run, "ab", 2) == "ab b ");
    CHECK(keys_from(*txn, Table::run, "\xff\xff").empty());
    CHECK(keys_from(*txn, Table::alias, "").empty());
    std::string found;
    REQUIRE(scan_prefix(*txn, Table::run, view_of("a"),
                        [&](ByteView key, ByteView) { found += std::string(text_of(key)) + " "; }));
    CHECK(found == "a aa ab ");
  }
  SECTION("last_up_to gives the key itself, or the one before") {
    const auto store = under_test.make(0);
    for (const char* key : {"b", "bb", "d"}) put_committed(*store, Table::number, key, "v");
    const auto txn = read_from(*store);
    CHECK(last_up_to(*txn, Table::number, "") == "-");
    CHECK(last_up_to(*txn, Table::number, "a") == "-");
    CHECK(last_up_to(*txn, Table::number, "b") == "b");
    CHECK(last_up_to(*txn, Table::number, "ba") == "b");
    CHECK(last_up_to(*txn, Table::number, "c") == "bb");
    CHECK(last_up_to(*txn, Table::number, "d") == "d");
    CHECK(last_up_to(*txn, Table::number, std::string(600, '\xff')) == "d");
    CHECK(last_up_to(*txn, Table::draft, "z") == "-");
  }
}

void check_limits(const StoreUnderTest& under_test) {
  SECTION("a full store says so, loses nothing, and takes entries again after some were erased") {
    constexpr std::uint64_t octets_max = 1 << 20;
    auto store = under_test.make(octets_max);
    const std::string value(3000, 'v');
    int kept = 0;
    std::optional<Error> error;
    while (!error && kept < 1000) {
      const auto txn = write_to(*store);
      const std::string key = "key" + std::to_string(1000 + kept);
      auto done = txn->put(Table::record, view_of(key), view_of(value));
      if (auto committed = txn->commit(); done) {
        done = committed;
      } else {
        CHECK(committed.error().code == Errc::store_full);  // a spoiled write is never half committed
      }
      if (done) {
        ++kept;
      } else {
        error = done.error();
      }
    }
    REQUIRE(error);
    CHECK(error->code == Errc::store_full);
    CHECK(kept > 50);
    CHECK(store->usage().octets_used <= store->usage().octets_max);
    CHECK(store->usage().octets_used > store->usage().octets_max / 2);
    store = under_test.reopen(std::move(store));
    CHECK(get(*read_from(*store), Table::record, "key" + std::to_string(1000 + kept - 1)) == value);
    CHECK(get(*read_from(*store), Table::record, "key" + std::to_string(1000 + kept)) == std::nullopt);
    const std::uint64_t used_when_full = store->usage().octets_used;
    for (int i = 0; i < kept / 2; ++i) {
      const auto txn = write_to(*store);
      REQUIRE(txn->erase(Table::record, view_of("key" + std::to_string(1000 + i))));
      if (!txn->commit()) break;  // LMDB may need a free page to free pages
    }
    put_committed(*store, Table::meta, "again", "fits");
    CHECK(store->usage().octets_used < used_when_full);
  }
}

}  // namespace

void check_store_contract(const StoreUnderTest& under_test) {
  check_values(under_test);
  check_transactions(under_test);
  check_order(under_test);
  check_limits(under_test);
}

void check_store_against_model(const StoreUnderTest& under_test, std::uint64_t seed, int steps) {
  INFO("seed=" << seed);
  SeededRng rng(seed);
  auto store = under_test.make(0);
  std::map<std::string, std::string> model;
  const auto random_key = [&] { return std::string(1 + rng.below(3), static_cast<char>('a' + rng.below(26))); };
  for (int step = 0; step < steps; ++step) {
    auto changed = model;
    const auto txn = write_to(*store);
    for (std::uint64_t i = rng.below(8); i > 0; --i) {
      const std::string key = random_key();
      if (rng.below(3) == 0) {
        REQUIRE(txn->erase(Table::record, view_of(key)));
        changed.erase(key);
      } else {
        const std::string value(rng.below(rng.below(20) == 0 ? 9000 : 60), static_cast<char>('A' + rng.below(26)));
        put(*txn, Table::record, key, value);
        changed[key] = value;
      }
    }
    const auto matches = [&](const ReadTxn& reader, const std::map<std::string, std::string>& wanted) {
      std::map<std::string, std::string> seen;
      REQUIRE(reader.scan(Table::record, {},
                          [&](ByteView key, ByteView value) { seen.emplace(text_of(key), text_of(value)); }));
      CHECK(seen == wanted);
      const auto entries = reader.entries(Table::record);
      REQUIRE(entries);
      CHECK(*entries == wanted.size());
      const std::string key = random_key();
      const auto after = wanted.upper_bound(key);
      CHECK(last_up_to(reader, Table::record, key) == (after == wanted.begin() ? "-" : std::prev(after)->first));
    };
    matches(*txn, changed);
    if (rng.below(4) != 0) {
      REQUIRE(txn->commit());
      model = changed;
    }
    matches(*read_from(*store), model);
  }
  store = under_test.reopen(std::move(store));
  CHECK(get(*read_from(*store), Table::record, "a") ==
        (model.contains("a") ? std::optional<std::string>(model["a"]) : std::nullopt));
}

}  // namespace khuoi::tests
