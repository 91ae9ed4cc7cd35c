#include "sync/base/range_set.h"

#include <catch2/catch.hpp>
#include <limits>
#include <set>

#include "sync/base/rng.h"
#include "tests/support/print_result.h"

using namespace khuoi;

namespace {

constexpr RangeSet::Number largest = std::numeric_limits<RangeSet::Number>::max();

std::set<RangeSet::Number> numbers_of(const RangeSet& set) {
  std::set<RangeSet::Number> out;
  for (const auto& [first, last] : set.ranges()) {
    for (std::uint64_t n = first; n <= last; ++n) out.insert(static_cast<RangeSet::Number>(n));
  }
  return out;
}

void check_shape(const RangeSet& set) {
  std::optional<std::uint64_t> end;
  for (const auto& [first, last] : set.ranges()) {
    CHECK(first <= last);
    if (end) CHECK(first > *end + 1);
    end = last;
  }
}

}  // namespace

TEST_CASE("range set: touching ranges become one, apart ones stay", "[base][range_set]") {
  RangeSet set;
  set.add(5);
  set.add(7);
  CHECK(set.ranges().size() == 2);
  set.add(6);
  CHECK(set == RangeSet(5, 7));
  set.add(0, 3);
  CHECK(set.count() == 7);
  CHECK(!set.contains(4));
  CHECK(set.last() == 7);
  set.add(0, 100);
  CHECK(set == RangeSet(0, 100));
}

TEST_CASE("range set: the ends of the numbers hold", "[base][range_set]") {
  RangeSet set(largest, largest);
  set.add(0);
  CHECK(set.ranges().size() == 2);
  set.add(0, largest);
  CHECK(set.count() == std::uint64_t{1} << 32U);
  CHECK(set.ranges().size() == 1);
  CHECK(set.minus(RangeSet(1, largest - 1)).count() == 2);
  CHECK(set.minus(set).empty());
  set.add(largest);
  set.add(5, 9);
  CHECK(set == RangeSet(0, largest));
  CHECK(*RangeSet::decode(set.encoded()) == set);
  set = RangeSet(largest - 1, largest);
  set.add(3);
  CHECK(*RangeSet::decode(set.encoded()) == set);
}

TEST_CASE("range set: every operation agrees with plain sets of numbers", "[base][range_set]") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    INFO("seed=" << seed);
    SeededRng rng(seed);
    RangeSet a;
    RangeSet b;
    std::set<RangeSet::Number> plain_a;
    std::set<RangeSet::Number> plain_b;
    const auto add = [&rng](RangeSet& set, std::set<RangeSet::Number>& plain) {
      const auto first = static_cast<RangeSet::Number>(rng.below(80));
      const auto last = first + static_cast<RangeSet::Number>(rng.below(6));
      set.add(first, last);
      for (auto n = first; n <= last; ++n) plain.insert(n);
    };
    for (int i = 0; i < 12; ++i) {
      add(a, plain_a);
      add(b, plain_b);
    }
    check_shape(a);
    CHECK(numbers_of(a) == plain_a);
    CHECK(a.count() == plain_a.size());
    std::set<RangeSet::Number> minus = plain_a;
    std::set<RangeSet::Number> both;
    std::set<RangeSet::Number> either = plain_a;
    for (const auto n : plain_b) {
      minus.erase(n);
      either.insert(n);
      if (plain_a.contains(n)) both.insert(n);
    }
    check_shape(a.minus(b));
    check_shape(a.intersect(b));
    CHECK(numbers_of(a.minus(b)) == minus);
    CHECK(numbers_of(a.intersect(b)) == both);
    for (RangeSet::Number n = 0; n < 90; ++n) CHECK(a.contains(n) == plain_a.contains(n));
    CHECK(a.contains(b) == (both == plain_b));
    RangeSet sum = a;
    sum.add(b);
    check_shape(sum);
    CHECK(numbers_of(sum) == either);
    CHECK(sum.contains(a));
    RangeSet removed = a;
    removed.remove(b);
    CHECK(removed == a.minus(b));
    CHECK(*RangeSet::decode(a.encoded()) == a);
  }
}

TEST_CASE("range set: one set has one encoding, and no cut one decodes", "[base][range_set]") {
  RangeSet set(0, 9);
  set.add(12);
  set.add(300, 1000);
  const Bytes octets = set.encoded();
  CHECK(to_hex(octets) == "03000902009f02bc05");
  for (std::size_t size = 0; size < octets.size(); ++size) {
    CHECK(RangeSet::decode(ByteView(octets).first(size)).error().code == Errc::malformed);
  }
  Bytes longer = octets;
  longer.push_back(0);
  CHECK(RangeSet::decode(longer).error().code == Errc::malformed);
  // Touching ranges, a number past 32 bits, a count that wraps, a padded varint.
  for (const std::string_view junk : {"0200000000", "01ffffffff0f01", "01ffffffffffffffffff0100", "018000"}) {
    INFO(junk);
    CHECK(RangeSet::decode(*from_hex(junk)).error().code == Errc::malformed);
  }
}

TEST_CASE("range set: more than 4096 ranges are too many, whatever the count claims", "[base][range_set]") {
  RangeSet most;
  for (RangeSet::Number i = 0; i < RangeSet::ranges_max; ++i) most.add(i * 2);
  CHECK(*RangeSet::decode(most.encoded()) == most);
  most.add(1'000'000);
  CHECK(RangeSet::decode(most.encoded()).error().code == Errc::too_large);
  CHECK(RangeSet::decode(*from_hex("ffffffffffffffffff01")).error().code == Errc::too_large);
}

TEST_CASE("range set: whatever decodes encodes to the same octets", "[base][range_set]") {
  SeededRng rng(5);
  int decoded = 0;
  for (int round = 0; round < 50'000; ++round) {
    Bytes junk(1 + rng.below(12));
    rng.fill(junk);
    junk[0] &= 3;
    const auto set = RangeSet::decode(junk);
    if (!set) continue;
    ++decoded;
    CHECK(set->encoded() == junk);
    check_shape(*set);
  }
  CHECK(decoded > 100);
}
