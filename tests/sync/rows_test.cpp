#include "sync/store/rows.h"

#include <catch2/catch.hpp>
#include <map>

#include "sim/memory_store.h"
#include "sync/base/ids.h"
#include "sync/base/range_set.h"
#include "tests/support/print_result.h"

namespace khuoi::tests {
namespace {

using sync::Rows;
using sync::Table;
using sync::Walk;

enum class Colour : std::uint8_t { red = 1, blue = 2 };
enum class Side : std::uint8_t { left, right };

struct SampleParts {
  std::uint16_t number = 0;
  Colour colour = Colour::red;
  NodeId node;
  UnixSeconds at;
  bool first = false, second = false, third = false;
  Side side = Side::left;
  std::string name;
  RangeSet held;
  std::vector<std::pair<RunId, Colour>> runs;
  std::map<RunId, RangeSet> by_run;
  std::optional<std::uint32_t> last;
  static auto parts(auto& one) {
    return parts_of(one.number, one.colour, one.node, one.at, Flags(one.first, one.second, one.third, one.side),
                    Counted(one.name, 3), one.held, List(one.runs, 2), List(one.by_run), one.last);
  }
};

SampleParts sample_parts() {
  SampleParts out;
  out.number = 0x0102;
  out.colour = Colour::blue;
  out.node = NodeId::filled(3);
  out.at = UnixSeconds{-2};
  out.second = true;
  out.side = Side::right;
  out.name = "abc";
  out.held = RangeSet(2, 5);
  out.runs = {{RunId::filled(4), Colour::red}, {RunId::filled(5), Colour::blue}};
  out.by_run = {{RunId::filled(6), RangeSet(1, 1)}};
  out.last = 7;
  return out;
}

constexpr Rows<std::pair<NodeId, std::uint32_t>, std::string> test_rows{Table::note, 0x11, "a row of this test"};
constexpr Rows<std::uint32_t, std::string> other_rows{Table::note, 0x12, "another row of this test"};

/// Rows of two nodes, one of them damaged at its key.
struct Filled {
  sim::MemoryStore store;
  std::unique_ptr<sync::WriteTxn> txn = std::move(*store.begin_write());
  sync::Batch batch{*txn, {}};
  NodeId a = NodeId::filled(1), b = NodeId::filled(2);
  Filled() {
    for (const std::uint32_t number : {1U, 2U, 300U})
      REQUIRE(test_rows.put(batch, {a, number}, "a" + std::to_string(number)));
    REQUIRE(test_rows.put(batch, {b, 4}, "b4"));
    REQUIRE(other_rows.put(batch, 9, "other"));
  }
  void damage() {
    Bytes key{0x11};
    append(key, a.view());
    key.push_back(7);  // no whole number follows
    REQUIRE(txn->put(Table::note, key, view_of("junk")));
  }
};
using Found = std::vector<std::string>;

}  // namespace

TEST_CASE("parts: what is written is read, and stands as drawn", "[sync][rows]") {
  const Bytes octets = octets_of_part(sample_parts());
  Bytes expected = *from_hex(
      "0102"
      "02"
      "0303030303030303"
      "fffffffffffffffe"
      "0a"
      "03616263");
  append(expected, RangeSet(2, 5).encoded());
  append(expected, *from_hex("02"
                             "040404040404040401"
                             "050505050505050502"
                             "01"
                             "0606060606060606"));
  append(expected, RangeSet(1, 1).encoded());
  append(expected, *from_hex("00000007"));
  CHECK(to_hex(octets) == to_hex(expected));
  const auto read = part_of<SampleParts>(octets);
  REQUIRE(read);
  CHECK(octets_of_part(*read) == octets);
  CHECK_FALSE(read->first);
  CHECK(read->second);
  CHECK(read->side == Side::right);
  CHECK(read->by_run == sample_parts().by_run);
  CHECK(read->last == 7U);
}

TEST_CASE("parts: what is cut, goes on, or holds more than it may does not decode", "[sync][rows]") {
  SampleParts one = sample_parts();
  Bytes octets = octets_of_part(one);
  for (std::size_t size = 0; size < octets.size(); ++size) {
    const bool ends_before_last = size == octets.size() - 4;  // an optional part
    CHECK(part_of<SampleParts>(ByteView(octets).first(size)).has_value() == ends_before_last);
  }
  octets.push_back(0);
  CHECK_FALSE(part_of<SampleParts>(octets));
  one.name = "abcd";
  CHECK_FALSE(part_of<SampleParts>(octets_of_part(one)));
  one = sample_parts();
  one.runs.emplace_back();
  CHECK_FALSE(part_of<SampleParts>(octets_of_part(one)));
}

TEST_CASE("parts: text, octets and lists at the end take all that is left", "[sync][rows]") {
  using Tail = std::pair<std::uint8_t, std::vector<std::array<std::uint8_t, 2>>>;
  const auto read = part_of<Tail>(Bytes{9, 1, 2, 3, 4});
  REQUIRE(read);
  CHECK(read->second == std::vector<std::array<std::uint8_t, 2>>{{1, 2}, {3, 4}});
  CHECK_FALSE(part_of<Tail>(Bytes{9, 1, 2, 3}));
  CHECK(part_of<std::string>(view_of("Mỷ")) == "Mỷ");
  CHECK(part_of<Bytes>(Bytes{1, 2}) == Bytes{1, 2});
  CHECK(part_of<std::tuple<>>({}).has_value());
  CHECK_FALSE(part_of<std::tuple<>>(Bytes{1}));
}

TEST_CASE("rows: one kind is got, put and erased beside another", "[sync][rows]") {
  Filled node;
  CHECK(**test_rows.get(*node.txn, {node.a, 300}) == "a300");
  CHECK_FALSE(test_rows.get(*node.txn, {node.b, 300})->has_value());
  CHECK(test_rows.get_or_new(*node.txn, {node.b, 300})->empty());
  REQUIRE(test_rows.erase(node.batch, {node.a, 300}));
  REQUIRE(test_rows.erase(node.batch, {node.a, 300}));
  CHECK_FALSE(test_rows.get(*node.txn, {node.a, 300})->has_value());
  CHECK(**other_rows.get(*node.txn, 9) == "other");
}

TEST_CASE("rows: a walk goes by key, within a prefix or from a key on, and stops when told", "[sync][rows]") {
  Filled node;
  Found found;
  const auto take = [&](const auto&, const std::string& row) { found.push_back(row); };
  REQUIRE(test_rows.each(*node.txn, take));
  CHECK(std::exchange(found, {}) == Found{"a1", "a2", "a300", "b4"});
  REQUIRE(test_rows.each(*node.txn, node.a, take));
  CHECK(std::exchange(found, {}) == Found{"a1", "a2", "a300"});
  REQUIRE(test_rows.each_from(*node.txn, std::pair(node.a, 2U), node.a, take));
  CHECK(std::exchange(found, {}) == Found{"a2", "a300"});
  REQUIRE(test_rows.each(*node.txn, [&](const auto& key, const std::string& row) {
    found.push_back(row);
    return key.second == 2 ? Walk::stop : Walk::on;
  }));
  CHECK(found == Found{"a1", "a2"});
  CHECK(test_rows.keys(*node.txn)->size() == 4);
  CHECK(*test_rows.keys(*node.txn, node.b) == std::vector{std::pair(node.b, 4U)});
  CHECK(*test_rows.last(*node.txn, node.a) == std::pair(node.a, 300U));
  CHECK(*test_rows.last(*node.txn) == std::pair(node.b, 4U));
  CHECK_FALSE(test_rows.last(*node.txn, NodeId())->has_value());
}

TEST_CASE("rows: an error of the visitor ends the walk and is its own", "[sync][rows]") {
  Filled node;
  int visited = 0;
  const auto done = test_rows.each(*node.txn, [&](const auto&, const std::string&) -> Result<void> {
    if (++visited == 2) return fail(Errc::locked, "no key here");
    return {};
  });
  CHECK(visited == 2);
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Errc::locked);
  CHECK(done.error().what == "no key here");
}

TEST_CASE("rows: a damaged one is named by its table, ends a walk, or is passed over", "[sync][rows]") {
  Filled node;
  node.damage();
  Found found;
  const auto take = [&](const auto&, const std::string& row) { found.push_back(row); };
  const auto done = test_rows.each(*node.txn, take);
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Errc::damaged);
  CHECK(done.error().what.find("table note, a row of this test") != std::string::npos);
  CHECK(std::exchange(found, {}) == Found{"a1", "a2", "a300"});
  std::size_t damaged = 0;
  REQUIRE(test_rows.each(*node.txn, std::tuple<>(), take, [&](ByteView key, const Error& why) {
    ++damaged;
    CHECK(key.size() == 10);
    CHECK(why.code == Errc::damaged);
  }));
  CHECK(damaged == 1);
  CHECK(std::exchange(found, {}) == Found{"a1", "a2", "a300", "b4"});
  REQUIRE(test_rows.each(*node.txn, std::tuple<>(), take, test_rows.pass_over_damaged));
  CHECK(found.size() == 4);
  CHECK(test_rows.keys(*node.txn).error().code == Errc::damaged);
  const Rows<std::uint32_t, std::uint64_t> numbers(Table::note, 0x12, "a number");
  CHECK(numbers.get(*node.txn, 9).error().code == Errc::damaged);  // five octets of text
}

}  // namespace khuoi::tests
