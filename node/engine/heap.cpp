#include "node/engine/heap.h"

#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <limits>

namespace khuoi::node {

namespace {
/// Of addresses; memory comes when it is touched.
constexpr std::size_t room_octets = std::size_t{64} << 20U;
/// What a service may keep, beside what lies between what is in use. A commit of chunks takes a third of it.
constexpr int kept_octets_max = 24 << 20;
/// Blocks past this are rare: each is its own, and goes back when it is freed.
constexpr int block_octets_max = 4 << 20;
constexpr std::uintptr_t large_page_octets = std::uintptr_t{2} << 20U;
}  // namespace

void keep_freed_memory() {
  mallopt(M_ARENA_MAX, 1);  // what one thread frees another uses
  mallopt(M_MMAP_MAX, 0);   // a mapping of its own would go back to the system with each free
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  void* const room = std::malloc(room_octets);
  if (room == nullptr) return;
  // A system without large pages refuses; nothing hangs on it.
  const auto at = (reinterpret_cast<std::uintptr_t>(room) + large_page_octets - 1) / large_page_octets * large_page_octets;
  (void)::madvise(reinterpret_cast<void*>(at), room_octets - large_page_octets, MADV_HUGEPAGE);
  std::free(room);
}

void keep_freed_memory_for_a_while() {
  // Each thread would get an arena of its own; the memory of a small box counts for more than their speed.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, block_octets_max);
  mallopt(M_TRIM_THRESHOLD, kept_octets_max);
}

void give_back_freed_memory() { ::malloc_trim(0); }

}  // namespace khuoi::node
