#include "sync/base/rng.h"

#include <bit>

#include "sync/base/check.h"

namespace khuoi {

std::uint64_t Rng::next() {
  std::array<std::uint8_t, 8> octets{};
  fill(octets);
  return Reader(octets).u64();
}

std::uint64_t Rng::below(std::uint64_t limit) {
  KHUOI_CHECK(limit > 0);
  const std::uint64_t unfair = (0 - limit) % limit;  // 2^64 mod limit: values below it would be drawn too often
  for (;;) {
    const std::uint64_t value = next();
    if (value >= unfair) return value % limit;
  }
}

SeededRng::SeededRng(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15U;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    word = z ^ (z >> 31U);
  }
}

std::uint64_t SeededRng::step() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

void SeededRng::fill(std::span<std::uint8_t> out) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % 8 == 0) word = step();
    out[i] = static_cast<std::uint8_t>(word);
    word >>= 8U;
  }
}

}  // namespace khuoi
