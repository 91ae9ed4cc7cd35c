#pragma once

#include "sync/base/bytes.h"

namespace khuoi::sync {

/// Secret octets in locked, guarded memory that is left out of core files and not copied into a forked child; wiped
/// when dropped. Moves, never copies; `duplicate()` is explicit.
class Secret final {
 public:
  Secret() = default;
  explicit Secret(std::size_t octets);
  static Secret copy_of(ByteView octets);
  ~Secret();
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  [[nodiscard]] Secret duplicate() const { return copy_of(view()); }
  [[nodiscard]] ByteView view() const { return {octets_, size_}; }
  [[nodiscard]] std::span<std::uint8_t> writable() { return {octets_, size_}; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

 private:
  std::uint8_t* octets_ = nullptr;
  std::size_t size_ = 0;
};

/// Overwrites octets that held a secret, in a way no compiler removes.
void wipe(std::span<std::uint8_t> octets);

}  // namespace khuoi::sync
