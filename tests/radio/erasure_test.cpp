#include "radio/erasure.h"

#include <catch2/catch.hpp>

#include "sync/base/rng.h"

namespace khuoi::tests {

using radio::ErasureCode;

TEST_CASE("erasure: any symbols that are enough give the octets back", "[radio]") {
  SeededRng rng(7);
  for (const std::size_t octets : {1U, 2U, 240U, 241U, 2000U, 2085U, 16384U, 29000U}) {
    Bytes whole(octets);
    rng.fill(whole);
    const auto code = ErasureCode::split(whole, 241);
    REQUIRE(code);
    CHECK(code->symbol_octets() <= 241);
    CHECK(code->pad() < code->count());
    for (unsigned round = 0; round < 8; ++round) {
      std::map<std::uint8_t, Bytes> symbols;
      while (symbols.size() < code->count()) {
        const auto index = static_cast<std::uint8_t>(rng.below(ErasureCode::symbols_max));
        symbols[index] = code->symbol(index);
      }
      CHECK(ErasureCode::join(symbols, code->count(), code->pad()) == whole);
    }
  }
}

TEST_CASE("erasure: too few symbols, or ones that do not fit together, give nothing", "[radio]") {
  const Bytes whole(700, 5);
  const auto code = ErasureCode::split(whole, 240);
  REQUIRE(code);
  REQUIRE(code->count() == 3);
  std::map<std::uint8_t, Bytes> symbols = {{0, code->symbol(0)}, {9, code->symbol(9)}};
  CHECK_FALSE(ErasureCode::join(symbols, 3, code->pad()));
  symbols[200] = code->symbol(200);
  CHECK(ErasureCode::join(symbols, 3, code->pad()));
  CHECK_FALSE(ErasureCode::join(symbols, 3, 3));
  CHECK_FALSE(ErasureCode::join(symbols, 0, 0));
  CHECK_FALSE(ErasureCode::join(symbols, 200, 0));
  symbols[200].pop_back();
  CHECK_FALSE(ErasureCode::join(symbols, 3, code->pad()));
}

TEST_CASE("erasure: what is empty or needs too many symbols is not split", "[radio]") {
  CHECK_FALSE(ErasureCode::split({}, 240));
  CHECK(ErasureCode::split(Bytes(std::size_t{127} * 240), 240));
  CHECK_FALSE(ErasureCode::split(Bytes(std::size_t{127} * 240 + 1), 240));
}

}  // namespace khuoi::tests
