#include "sync/wire/crc32c.h"

#include <catch2/catch.hpp>

#include "sync/base/rng.h"

using namespace khuoi;
using namespace khuoi::sync;

TEST_CASE("crc32c: the values of RFC 3720 appendix B.4", "[sync][crc32c]") {
  Bytes rising;
  for (unsigned i = 0; i < 32; ++i) rising.push_back(static_cast<std::uint8_t>(i));
  const Bytes falling(rising.rbegin(), rising.rend());
  for (const auto& checksum : {crc32c, crc32c_portable}) {
    REQUIRE(checksum(Bytes(32, 0x00), 0) == 0x8a9136aa);
    REQUIRE(checksum(Bytes(32, 0xff), 0) == 0x62a8ab43);
    REQUIRE(checksum(rising, 0) == 0x46dd794e);
    REQUIRE(checksum(falling, 0) == 0x113fdb5c);
    REQUIRE(checksum(view_of("123456789"), 0) == 0xe3069283);
    REQUIRE(checksum({}, 0) == 0);
  }
}

TEST_CASE("crc32c: tables and instruction agree, whole and in parts", "[sync][crc32c]") {
  SeededRng rng(5);
  for (int round = 0; round < 300; ++round) {
    Bytes octets(rng.below(200));
    rng.fill(octets);
    const auto cut = static_cast<std::size_t>(rng.below(octets.size() + 1));
    const ByteView all(octets);
    const std::uint32_t whole = crc32c(all);
    REQUIRE(crc32c_portable(all) == whole);
    REQUIRE(crc32c(all.subspan(cut), crc32c(all.first(cut))) == whole);
    REQUIRE(crc32c_portable(all.subspan(cut), crc32c(all.first(cut))) == whole);
  }
}
