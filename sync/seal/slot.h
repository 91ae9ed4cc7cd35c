#pragma once

#include <string>
#include <vector>

#include "sync/base/ids.h"
#include "sync/seal/hpke.h"

namespace khuoi::sync {

inline constexpr std::size_t lock_key_octets = 32;
inline constexpr std::size_t person_octets_max = 64;
inline constexpr std::size_t slot_sealed_octets_max = 4096;
inline constexpr std::size_t slot_keys_max = 8;
/// What a stored slot may ask of us before its author is known: at most 4 GiB and 64 passes.
inline constexpr std::uint32_t passphrase_memory_kib_min = 8;
inline constexpr std::uint32_t passphrase_memory_kib_max = 4U * 1024 * 1024;
inline constexpr std::uint32_t passphrase_operations_max = 64;

/// What a slot can open. `general` and `health` are the two domains of a hamlet; the others belong to a commune: of them
/// `account` opens nothing, and tells that it is that person.
enum class Lock : std::uint8_t { general = 0, health = 1, authority = 2, officer = 3, account = 4 };

/// How a passphrase becomes a key: Argon2id. Running it is the caller's work (in a child process, 256 MiB).
struct PassphraseParams {
  std::array<std::uint8_t, 16> salt{};
  std::uint32_t operations = 0;
  std::uint32_t memory_kib = 0;
  bool operator==(const PassphraseParams&) const = default;
};
/// Within the limits above, so that a slot may carry them.
[[nodiscard]] bool within_limits(const PassphraseParams& params);

/// The random key that wraps all secrets behind one lock.
struct LockKey {
  Lock lock = Lock::general;
  Secret key;  ///< 32 octets
};

/// One person's way in: the lock keys, sealed under the key that the phrase gives, or sealed to the commune's key for
/// recovery. Stored as encoded by `encode`.
struct Slot {
  enum class Kind : std::uint8_t { passphrase = 0, recovery = 1 };
  Kind kind = Kind::passphrase;
  std::string person;            ///< ≤ 64 octets, UTF-8; of a recovery slot recovery_name()
  PassphraseParams params;       ///< passphrase slots only
  Bytes sealed;
};

/// phrase_key 32 octets. The person's name and the parameters are bound as associated data. The caller has checked:
/// a name of at most person_octets_max, parameters within limits, 1..8 keys; anything else is our own bug.
Slot make_passphrase_slot(std::string person, const PassphraseParams& params, const Secret& phrase_key,
                          const std::vector<LockKey>& keys, Rng& rng);
/// Errors: denied when the phrase is wrong or the slot was changed; malformed.
Result<std::vector<LockKey>> open_passphrase_slot(const Slot& slot, const Secret& phrase_key);
/// Which locks a recovery slot opens, by its `person`: none for all there are, else the one domain's name.
std::string recovery_name(const std::vector<LockKey>& keys);
/// Sealed (HPKE Base) to the commune's key, for a lost phrase. `node` is bound.
/// Errors: unauthenticated for a commune key of small order.
Result<Slot> make_recovery_slot(const NodeId& node, const KemPublic& commune_key, const std::vector<LockKey>& keys, Rng& rng);
/// Errors: unauthenticated for another commune's key, another node or a changed slot; malformed.
Result<std::vector<LockKey>> open_recovery_slot(const Slot& slot, const NodeId& node, const Secret& commune_secret);

Bytes encode(const Slot& slot);
/// Errors: malformed, too_large, unsupported. Layout: FORMATS.md. The name is not checked to be UTF-8.
Result<Slot> decode_slot(ByteView octets);
/// What is inside a slot once opened; here for fuzzing. Errors: malformed.
Result<std::vector<LockKey>> decode_lock_keys(ByteView plain);

/// A secret under a lock key: nonce 24 ‖ XChaCha20-Poly1305, `label` bound.
Bytes wrap_secret(const Secret& lock_key, std::string_view label, const Secret& secret, Rng& rng);
/// Errors: denied for another key, another label, or changed octets.
Result<Secret> unwrap_secret(const Secret& lock_key, std::string_view label, ByteView wrapped);

/// 30 decimal digits in six groups of five parted by spaces, for reading aloud; from BLAKE2b-256 of the octets.
std::string fingerprint_digits(ByteView octets);
/// Digits only, so that spaces and dashes typed by a person do not matter.
std::string only_digits(std::string_view text);

}  // namespace khuoi::sync
