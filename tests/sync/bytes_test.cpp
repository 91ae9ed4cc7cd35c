#include "sync/base/bytes.h"

#include <catch2/catch.hpp>
#include <limits>

#include "sync/base/ids.h"
#include "sync/base/rng.h"

using namespace khuoi;

TEST_CASE("bytes: hexadecimal comes back in both cases, and foreign texts are refused", "[base][bytes]") {
  const Bytes octets{0x00, 0x0f, 0xa5, 0xff};
  CHECK(to_hex(octets) == "000fa5ff");
  CHECK(from_hex("000fa5ff") == octets);
  CHECK(from_hex("000FA5Ff") == octets);
  CHECK(from_hex("") == Bytes{});
  for (const std::string_view text : {"0", "0g", "g0", "00 ", " 000", "0x00"}) CHECK(!from_hex(text));
}

TEST_CASE("bytes: what Writer wrote Reader takes off again", "[base][bytes]") {
  Bytes octets;
  Writer(octets).u8(1).u16(0x0203).u32(0x04050607).u64(0x08090a0b0c0d0e0f).counted(Bytes{9, 9}).varint(300);
  CHECK(to_hex(octets) == "0102030405060708090a0b0c0d0e0f020909ac02");
  Reader from(octets);
  CHECK(from.u8() == 1);
  CHECK(from.u16() == 0x0203);
  CHECK(from.u32() == 0x04050607);
  CHECK(from.u64() == 0x08090a0b0c0d0e0f);
  CHECK(to_bytes(from.counted(2)) == Bytes{9, 9});
  CHECK(!from.done());
  CHECK(from.varint() == 300);
  CHECK(from.done());
}

TEST_CASE("bytes: varints come back at every size, and only in their shortest form", "[base][bytes]") {
  for (unsigned shift = 0; shift < 64; ++shift) {
    for (const std::uint64_t around : {std::uint64_t{0}, std::uint64_t{1}}) {
      const std::uint64_t value = (std::uint64_t{1} << shift) - around;
      Bytes octets;
      Writer(octets).varint(value);
      Reader from(octets);
      CHECK(from.varint() == value);
      CHECK(from.done());
      for (std::size_t size = 0; size < octets.size(); ++size) {
        Reader cut(ByteView(octets).first(size));
        CHECK(cut.varint() == 0);
        CHECK(!cut.ok());
      }
    }
  }
  Bytes most;
  Writer(most).varint(std::numeric_limits<std::uint64_t>::max());
  CHECK(most.size() == 10);
  for (const std::string_view refused : {"8000", "ff00", "ffffffffffffffffff02", "ffffffffffffffffff7f",
                                         "80808080808080808080", "8080808080808080808000"}) {
    const Bytes octets = *from_hex(refused);
    Reader from(octets);
    CHECK(from.varint() == 0);
    CHECK(!from.ok());
  }
}

TEST_CASE("bytes: after the first shortage every read gives zero or nothing", "[base][bytes]") {
  const Bytes octets{1, 2, 3};
  Reader from(octets);
  CHECK(from.u32() == 0);
  CHECK(!from.ok());
  CHECK(from.u8() == 0);
  CHECK(from.raw(0).empty());
  CHECK(from.array<2>() == std::array<std::uint8_t, 2>{});
  CHECK(from.rest().empty());
  CHECK(!from.done());
}

TEST_CASE("bytes: a counted view past its limit or past the end is refused", "[base][bytes]") {
  const Bytes octets{4, 1, 2, 3};
  CHECK(Reader(octets).counted(3).empty());
  CHECK(Reader(octets).counted(100).empty());
  const Bytes huge = *from_hex("ffffffffffffffffff01");
  Reader from(huge);
  CHECK(from.counted(std::numeric_limits<std::size_t>::max()).empty());
  CHECK(!from.ok());
}

TEST_CASE("bytes: comparison is by octet, a prefix first", "[base][bytes]") {
  CHECK((compare(Bytes{1, 2}, Bytes{1, 3}) < 0));
  CHECK((compare(Bytes{0x80}, Bytes{0x7f}) > 0));
  CHECK((compare(Bytes{1}, Bytes{1, 0}) < 0));
  CHECK((compare(Bytes{}, Bytes{}) == 0));
  CHECK(equal(Bytes{1}, Bytes{1}));
  CHECK(!equal(Bytes{1}, Bytes{1, 1}));
  CHECK(starts_with(Bytes{1, 2}, Bytes{}));
  CHECK(starts_with(Bytes{1, 2}, Bytes{1, 2}));
  CHECK(!starts_with(Bytes{1}, Bytes{1, 2}));
}

TEST_CASE("ids: they are taken only at their own length", "[base][bytes]") {
  const auto id = NodeId::from_hex_text("0102030405060708");
  REQUIRE(id);
  CHECK(id->hex() == "0102030405060708");
  CHECK(!id->is_zero());
  CHECK(NodeId{}.is_zero());
  CHECK(!NodeId::from_hex_text("01020304050607"));
  CHECK(!NodeId::from(Bytes(9)));
  CHECK(audience_everyone().hex() == "ffffffffffffffff");
}

TEST_CASE("rng: a seed gives the same octets everywhere, and below() stays below", "[base][bytes]") {
  SeededRng a(1);
  SeededRng b(1);
  SeededRng other(2);
  CHECK(a.next() == b.next());
  CHECK(a.next() != other.next());
  std::array<int, 3> seen{};
  for (int i = 0; i < 3000; ++i) ++seen.at(a.below(3));
  for (const int count : seen) CHECK(count > 800);
  CHECK(a.below(1) == 0);
}
