#pragma once

#include <vector>

#include "sync/base/bytes.h"
#include "sync/base/result.h"

namespace khuoi::sync {

/// What a Cap'n Proto message may measure once unpacked.
inline constexpr std::size_t message_octets_max = 1U << 20U;

/// Undoes Cap'n Proto's packing into aligned words. The cap is applied while unpacking, so that two octets never become
/// more than what is allowed. Errors: malformed (cut short), too_large (past octets_max).
Result<std::vector<std::uint64_t>> unpack_words(ByteView packed, std::size_t octets_max = message_octets_max);

/// One zstd frame without magic, checksum or dictionary id. The octets may differ between versions of zstd.
Bytes compress_frame(ByteView octets);
/// Errors: malformed (not one whole frame, a window over 8 MiB), too_large (past octets_max).
Result<Bytes> decompress_frame(ByteView frame, std::size_t octets_max);

}  // namespace khuoi::sync
