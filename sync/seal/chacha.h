#pragma once

#include <array>

#include "sync/base/bytes.h"

namespace khuoi::sync {

/// ChaCha20-Poly1305, RFC 8439, without associated data: the cipher of large pieces. It is OpenSSL's, which takes a third
/// of the time of libsodium's; a call costs it a microsecond more, so what is small stays with libsodium.
inline constexpr std::size_t chacha_tag_octets = 16;
using ChachaKey = std::array<std::uint8_t, 32>;
using ChachaNonce = std::array<std::uint8_t, 12>;

/// `out` has the octets of the plaintext and the tag's.
void chacha_seal(const ChachaKey& key, const ChachaNonce& nonce, ByteView plaintext, std::span<std::uint8_t> out);
/// `out` has the octets of `sealed` without the tag. False if the tag does not hold; then `out` says nothing.
[[nodiscard]] bool chacha_open(const ChachaKey& key, const ChachaNonce& nonce, ByteView sealed,
                               std::span<std::uint8_t> out);

}  // namespace khuoi::sync
