#include "sync/seal/secret.h"

#include <sodium.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "sync/base/check.h"
#include "sync/seal/sodium.h"

namespace khuoi::sync {

namespace {

/// sodium_malloc already locks, guards and keeps the pages out of core files, but leaves them to a forked child. There
/// a run's key could be used a second time under the same numbers, so a child has no such page at all: a wrong use ends
/// it, where a zeroed page (MADV_WIPEONFORK) would let it seal under a key of zeros. A failure is ignored, as
/// sodium_malloc ignores that of mlock: an old kernel must not stop a box.
void keep_out_of_children(const std::uint8_t* octets, std::size_t size) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto start = reinterpret_cast<std::uintptr_t>(octets);
  const std::uintptr_t first = start / page * page;
  const std::uintptr_t end = (start + size + page - 1) / page * page;
  (void)madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTFORK);
}

}  // namespace

void require_sodium() {
  static const int started = sodium_init();
  KHUOI_CHECK(started >= 0);
}

Secret::Secret(std::size_t octets) {
  if (octets == 0) return;
  require_sodium();
  octets_ = static_cast<std::uint8_t*>(sodium_malloc(octets));
  KHUOI_CHECK(octets_ != nullptr);
  size_ = octets;
  keep_out_of_children(octets_, size_);
  std::ranges::fill(writable(), std::uint8_t{0});
}

Secret Secret::copy_of(ByteView octets) {
  Secret out(octets.size());
  std::ranges::copy(octets, out.octets_);
  return out;
}

Secret::~Secret() { sodium_free(octets_); }  // wipes first; does nothing for nullptr

Secret::Secret(Secret&& other) noexcept
    : octets_(std::exchange(other.octets_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    sodium_free(octets_);
    octets_ = std::exchange(other.octets_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void wipe(std::span<std::uint8_t> octets) { sodium_memzero(octets.data(), octets.size()); }

}  // namespace khuoi::sync
