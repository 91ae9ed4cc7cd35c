#pragma once

#include "sync/base/bytes.h"

namespace khuoi::sync {

/// CRC-32C (Castagnoli), as RFC 3720 appendix B.4 gives its test values. It finds damage, never malice. `so_far` is the
/// result over the octets before these, so that parts need not lie together.
std::uint32_t crc32c(ByteView octets, std::uint32_t so_far = 0);
/// The same from tables only: what machines without the instruction run, and what the fast one is tested against.
std::uint32_t crc32c_portable(ByteView octets, std::uint32_t so_far = 0);

}  // namespace khuoi::sync
