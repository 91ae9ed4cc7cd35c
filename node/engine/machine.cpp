#include "node/engine/machine.h"

#include <sodium.h>

#include <chrono>

#include "sync/seal/sodium.h"

namespace khuoi::node {

Now system_now() {
  const auto monotonic = std::chrono::steady_clock::now().time_since_epoch();
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return {Instant(std::chrono::duration_cast<Micros>(monotonic)),
          UnixSeconds{std::chrono::duration_cast<std::chrono::seconds>(wall).count()}};
}

void SystemRng::fill(std::span<std::uint8_t> out) {
  sync::require_sodium();
  randombytes_buf(out.data(), out.size());
}

}  // namespace khuoi::node
