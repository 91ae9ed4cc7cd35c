#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sync/base/bytes.h"
#include "sync/seal/secret.h"

namespace khuoi::sync {

/// Lets libsodium choose its implementations for this processor; cheap after the first call, safe from any thread.
/// Everything in this folder calls it before its first primitive, so users of the folder need not.
void require_sodium();

/// A short-lived secret on the stack, wiped when it goes out of scope.
template <std::size_t N>
struct WipedArray {
  std::array<std::uint8_t, N> value{};

  WipedArray() = default;
  ~WipedArray() { wipe(value); }
  WipedArray(const WipedArray&) = delete;
  WipedArray& operator=(const WipedArray&) = delete;
  [[nodiscard]] ByteView view() const { return value; }
  [[nodiscard]] std::uint8_t* data() { return value.data(); }
};

}  // namespace khuoi::sync
