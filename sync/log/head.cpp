#include "sync/log/head.h"

#include <tuple>

namespace khuoi::sync {

bool later(const Head& a, const Head& b) {
  return std::tie(a.ordinal, a.sequence) > std::tie(b.ordinal, b.sequence);
}

void write_head(Writer& to, const Head& head) { write_part(to, head); }

Head read_head(Reader& from) {
  Head out;
  read_part(from, out);
  return out;
}

}  // namespace khuoi::sync
