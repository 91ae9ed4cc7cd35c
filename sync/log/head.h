#pragma once

#include <array>

#include "sync/base/parts.h"

namespace khuoi::sync {

/// The random id of one start of a writer.
using StartId = std::array<std::uint8_t, 8>;
/// Ordinals from here on are void: no node comes by so many starts, so somebody made them up. Heads that bear one are
/// passed over.
inline constexpr std::uint32_t void_ordinal = 1U << 24U;

/// Where one node's statements about its holdings stand: later starts outrank earlier ones, then the sequence counts.
/// The start's own random id tells a restored node from the one it was before.
struct Head {
  std::uint32_t ordinal = 0;
  std::uint64_t sequence = 0;
  StartId start{};
  [[nodiscard]] bool none() const { return ordinal == 0; }
  [[nodiscard]] bool is_void() const { return ordinal >= void_ordinal; }
  bool operator==(const Head&) const = default;
  static auto parts(auto& head) { return parts_of(head.ordinal, head.sequence, head.start); }
};
/// By (ordinal, sequence); the start's id does not order.
bool later(const Head& a, const Head& b);
void write_head(Writer& to, const Head& head);
Head read_head(Reader& from);

}  // namespace khuoi::sync
