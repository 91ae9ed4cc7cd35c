#include "sync/store/upgrade.h"

#include <catch2/catch.hpp>

#include "tests/support/replica_pair.h"

namespace khuoi::tests {
namespace {

using sync::Table;

struct FormerRow {
  std::string before;  ///< its name in table meta
  Table table = Table::note;
  Bytes after;  ///< empty: it is gone
};

Bytes hex_octets(std::string_view hex) { return *from_hex(hex); }
const std::string eight = "0102030405060708", other_eight = "a1a2a3a4a5a6a7a8";
const std::string sixteen = eight + other_eight, thirty_two = sixteen + sixteen;
std::string raw_of(const std::string& hex) { return std::string(text_of(hex_octets(hex))); }

/// One row or more of each kind that moves, as format 1 had them.
std::vector<FormerRow> former_rows() {
  const auto note = [](std::string before, const std::string& after) {
    return FormerRow{std::move(before), Table::note, hex_octets(after)};
  };
  const auto node = [](std::string before, const std::string& after) {
    return FormerRow{std::move(before), Table::node, hex_octets(after)};
  };
  const std::string name = to_hex(view_of("Mỷ"));
  return {
      note("start/7", "010000000000000007"),
      note("start/4294967300", "010000000100000004"),
      note("start_foreign/12/" + eight, "02000000000000000c" + eight),
      note("judged/" + raw_of(sixteen), "03" + sixteen),
      note("uncovered/" + eight, "04" + eight),
      note("moved/" + raw_of(eight + sixteen), "05" + eight + sixteen),
      note("health/" + eight, "06" + eight),
      note("lane/local", "070000000000000000"),
      note("lane/public", "80ffffffffffffffff"),
      note("lane/commune", "800000000000000000"),
      note("lane/" + eight, "80" + eight),
      note("next/" + raw_of(eight + other_eight + eight), "81" + eight + other_eight + eight),
      note("checkpoint/" + raw_of(eight + other_eight + "00000005"), "82" + eight + other_eight + "00000005"),
      note("waiting/" + eight, "83" + eight),
      note("quota/" + eight, "84" + eight),
      note("wants/" + eight, "85" + eight),
      note("proof/" + eight, "86" + eight),
      note("heard/" + eight + "/12/" + other_eight, "87" + eight + "000000000000000c" + other_eight),
      note("passage/sent/stick/000000000000000a", "880101000000000000000a"),
      note("passage/sent/fiber/000000000000000b", "880102000000000000000b"),
      note("passage/sent/radio/000000000000000c", "880103000000000000000c"),
      note("passage/received/stick/0000000000000001", "8802010000000000000001"),
      note("passage/received/fiber/0000000000000002", "8802020000000000000002"),
      note("passage/received/radio/0000000000000003", "8802030000000000000003"),
      note("file_told/" + sixteen, "89" + sixteen),
      note("bundle/" + eight + ".kbn/4660/" + thirty_two,
           "8a14" + to_hex(view_of(eight + ".kbn")) + "0000000000001234" + thirty_two),
      {"bundle/" + eight + ".kbn/4660", Table::note, {}},  // of a version before hashes were noted
      note("emergency/" + sixteen, "8b" + sixteen),
      note("carried/octets", "8c"),
      note("carried/order", "8d"),
      node("person/Mỷ", "01" + name),
      node("pin/Mỷ", "02" + name),
      node("phrase_given/Mỷ", "03" + name),
      node("form_problem/" + thirty_two, "04" + thirty_two),
      node("health_read/0000000000001388", "050000000000001388"),
      {"health_read_last", Table::node, {}},
      node("phone/may-1", "06" + to_hex(view_of("may-1"))),
      node("tries/phrase/Mỷ", "07" + to_hex(view_of("phrase/Mỷ"))),
      node("slip/" + eight + sixteen, "08" + eight + sixteen),
      node("health_told_at", "09"),
      node("seen/" + eight + sixteen, "80" + eight + sixteen),
  };
}

/// What stays in table meta, names of no known shape among it.
const std::vector<std::string> staying_names{"role",         "name",     "starts",        "recovery_secret",
                                             "lane/nowhere", "start/7x", "heard/" + eight};

Bytes value_at(std::size_t row) { return {static_cast<std::uint8_t>(row), 0xfe}; }

/// A commune as format 1 had it.
std::unique_ptr<sim::MemoryStore> former_store() {
  auto disk = TestNode(sync::Role::commune, "Cao Bồ", 5).disk->clone();
  auto txn = std::move(*disk->begin_write());
  std::vector<Bytes> notes;
  REQUIRE(txn->scan(Table::note, {}, [&](ByteView key, ByteView) { notes.push_back(to_bytes(key)); }));
  for (const Bytes& key : notes) REQUIRE(txn->erase(Table::note, key));
  sync::Batch batch{*txn, {}};
  REQUIRE(sync::put_meta_number(batch, "format", 1));
  const auto all = former_rows();
  for (std::size_t i = 0; i < all.size(); ++i) REQUIRE(txn->put(Table::meta, view_of(all[i].before), value_at(i)));
  for (const std::string& name : staying_names) {
    if (!*txn->get(Table::meta, view_of(name))) REQUIRE(txn->put(Table::meta, view_of(name), view_of("stays")));
  }
  REQUIRE(txn->commit());
  return disk;
}

using AllRows = std::map<std::pair<Table, Bytes>, Bytes>;
AllRows rows_of(const sync::Store& store) {
  AllRows out;
  const auto txn = std::move(*store.begin_read());
  for (std::size_t i = 0; i < sync::table_count; ++i) {
    const auto table = static_cast<Table>(i);
    REQUIRE(txn->scan(table, {}, [&](ByteView key, ByteView value) { out[{table, to_bytes(key)}] = to_bytes(value); }));
  }
  return out;
}

/// What the rows of format 1 are now, told row by row.
AllRows rows_expected(const sync::Store& former) {
  AllRows out = rows_of(former);
  const auto all = former_rows();
  for (std::size_t i = 0; i < all.size(); ++i) {
    REQUIRE(out.erase({Table::meta, to_bytes(view_of(all[i].before))}) == 1);
    if (!all[i].after.empty()) out[{all[i].table, all[i].after}] = value_at(i);
  }
  out[{Table::meta, to_bytes(view_of("format"))}] = {0, 0, 0, 0, 0, 0, 0, 3};
  return out;
}

}  // namespace

TEST_CASE("upgrade: each row of format 1 stands in its place, and what has none stays", "[sync][upgrade]") {
  const auto disk = former_store();
  const AllRows expected = rows_expected(*disk);
  for (const std::string& name : staying_names) CHECK(expected.contains({Table::meta, to_bytes(view_of(name))}));
  REQUIRE(sync::upgrade(*disk));
  CHECK(rows_of(*disk) == expected);
  REQUIRE(sync::upgrade(*disk));  // twice is as once
  CHECK(rows_of(*disk) == expected);
}

TEST_CASE("upgrade: a commit that fails changes nothing, and the next one moves it all", "[sync][upgrade]") {
  const auto disk = former_store();
  const AllRows former = rows_of(*disk);
  const AllRows expected = rows_expected(*disk);
  for (const Errc code : {Errc::disk_full, Errc::io}) {
    disk->fail_commit(0, fail(code, "the disk failed"));
    SeededRng rng(1);
    const auto opened = sync::Replica::open(*disk, rng);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == code);
    CHECK(rows_of(*disk) == former);
  }
  REQUIRE(sync::upgrade(*disk));
  CHECK(rows_of(*disk) == expected);
}

TEST_CASE("upgrade: over a disk that takes no commit the same rows are read from memory", "[sync][upgrade]") {
  const auto disk = former_store();
  const AllRows former = rows_of(*disk);
  const auto above = std::move(*sync::UpgradedStore::over(*disk, fail(Errc::read_only, "read only")));
  const AllRows expected = rows_expected(*disk);
  CHECK(rows_of(*above) == expected);
  CHECK(rows_of(*disk) == former);
  CHECK(above->begin_write().error().code == Errc::read_only);
  CHECK(above->usage().octets_used == disk->usage().octets_used);
  const auto txn = std::move(*above->begin_read());
  for (const auto& [place, value] : expected) {
    const auto row = txn->get(place.first, place.second);
    REQUIRE(row);
    REQUIRE(*row);
    CHECK(to_bytes(**row) == value);
    const auto last = txn->last_up_to(place.first, place.second);
    REQUIRE(last);
    REQUIRE(*last);
    CHECK((*last)->first == place.second);
  }
  CHECK_FALSE(*txn->get(Table::meta, view_of("start/7")));
  CHECK_FALSE(*txn->last_up_to(Table::note, Bytes{0}));
  int visited = 0;
  REQUIRE(txn->scan(Table::note, Bytes{2}, [&](ByteView key, ByteView) {
    CHECK(key[0] == 2 + visited);
    return ++visited == 2 ? sync::Walk::stop : sync::Walk::on;
  }));
  CHECK(visited == 2);
  const auto told =
      txn->scan(Table::note, {}, [](ByteView, ByteView) -> Result<void> { return fail(Errc::damaged, "this"); });
  CHECK(told.error().what == "this");
}

TEST_CASE("upgrade: a later format is refused, and stays as it is", "[sync][upgrade]") {
  auto disk = TestNode(sync::Role::hamlet, "Khuổi Mèo", 6).disk->clone();
  auto txn = std::move(*disk->begin_write());
  sync::Batch batch{*txn, {}};
  REQUIRE(sync::put_meta_number(batch, "format", sync::format_now + 1));
  REQUIRE(txn->commit());
  const AllRows before = rows_of(*disk);
  SeededRng rng(1);
  CHECK(sync::Replica::open(*disk, rng).error().code == Errc::unsupported);
  CHECK(rows_of(*disk) == before);
}

}  // namespace khuoi::tests
