#pragma once

#include "sync/base/ids.h"
#include "sync/base/result.h"
#include "sync/base/rng.h"
#include "sync/seal/secret.h"

namespace khuoi::sync {

inline constexpr std::size_t signature_octets = 64;
using SignPublic = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, signature_octets>;

/// Ed25519. The secret is the 32-octet seed ‖ the public key, as libsodium keeps it (64 octets).
struct SignKeyPair {
  SignPublic public_key{};
  Secret secret_key;
};
SignKeyPair make_sign_key(Rng& rng);
SignPublic sign_public_of(const Secret& secret_key);

/// What a signature is for; part of what is signed, so that none can be used for another purpose.
enum class Purpose : std::uint8_t { opener, public_record, segment, statement, checkpoint, roster, request, officer, start, audit };
/// As it stands in the prefix: the enumerator's own name.
std::string_view name_of(Purpose purpose);

/// Ed25519 over `khuoi/1/<purpose>\0` ‖ commune ‖ the parts in order. The parts are joined without lengths: give at
/// most one of free length, and that one last, or two different lists sign alike.
Signature sign(const Secret& secret_key, Purpose purpose, const CommuneId& commune, std::initializer_list<ByteView> parts);
/// False also for a signature that is not 64 octets and for keys of small order.
[[nodiscard]] bool verify(const SignPublic& key, Purpose purpose, const CommuneId& commune,
                          std::initializer_list<ByteView> parts, ByteView signature);

}  // namespace khuoi::sync
