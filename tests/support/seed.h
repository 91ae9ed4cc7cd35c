#pragma once

#include <cstdint>
#include <cstdlib>

namespace khuoi::tests {

/// KHUOI_SEED, or else `otherwise`.
inline std::uint64_t seed_of_run(std::uint64_t otherwise) {
  const char* given = std::getenv("KHUOI_SEED");
  return given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
}

}  // namespace khuoi::tests
