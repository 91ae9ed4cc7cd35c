#pragma once

#include <optional>

#include "sync/base/rng.h"
#include "sync/seal/secret.h"

namespace khuoi::sync {

// XChaCha20-Poly1305 under a key of 32 octets: nonce 24 ‖ ciphertext ‖ tag 16. Nonces are drawn: 24 octets are enough that
// none comes twice under a key.

inline constexpr std::size_t xchacha_key_octets = 32;
inline constexpr std::size_t xchacha_overhead_octets = 24 + 16;

/// `khuoi/1/<use>` ‖ one zero octet ‖ `what`: associated data, so that octets sealed for one use open for no other.
Bytes bound(std::string_view use, ByteView what);

Bytes xchacha_seal(const Secret& key, ByteView associated, ByteView plain, Rng& rng);
/// Nothing for another key, other associated octets, or changed ones.
std::optional<Bytes> xchacha_open(const Secret& key, ByteView associated, ByteView sealed);
/// The same, of what is itself a secret: never outside locked memory.
std::optional<Secret> xchacha_open_secret(const Secret& key, ByteView associated, ByteView sealed);

}  // namespace khuoi::sync
