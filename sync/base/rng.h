#pragma once

#include "sync/base/bytes.h"

namespace khuoi {

/// Where chance comes from: libsodium's generator in the program, a seeded one in tests and the simulator.
class Rng {
 public:
  virtual ~Rng() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;

  std::uint64_t next();
  /// Uniform in [0, limit); limit ≥ 1. Our own, because libraries' distributions differ.
  std::uint64_t below(std::uint64_t limit);
  template <typename IdType>
  IdType id() {
    IdType out;
    fill(out.value);
    return out;
  }
};

/// xoshiro256** seeded by splitmix64: the same octets on every machine. Never for keys outside tests and simulations.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(std::uint64_t seed);
  void fill(std::span<std::uint8_t> out) override;

 private:
  std::uint64_t step();
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace khuoi
