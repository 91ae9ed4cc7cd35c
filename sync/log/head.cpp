#include "sync/log/head.h"

#include <tuple>

namespace khuoi::sync {

bool later(const Head& a, const Head& b) {
  return std::tie(a.ordinal, a.sequence) > std::tie(b.ordinal, b.sequence);
}

void write_head(Writer& to, const Head& head) { to.u32(head.ordinal).u64(head.sequence).raw(head.start); }

Head read_head(Reader& from) {
  Head out;
  out.ordinal = from.u32();
  out.sequence = from.u64();
  out.start = from.array<8>();
  return out;
}

}  // namespace khuoi::sync
