#pragma once

#include "sync/base/result.h"
#include "sync/base/rng.h"
#include "sync/seal/secret.h"

namespace khuoi::sync {

/// HPKE, RFC 9180: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.
inline constexpr std::size_t kem_key_octets = 32;
inline constexpr std::size_t aead_tag_octets = 16;
using KemPublic = std::array<std::uint8_t, kem_key_octets>;

struct KemKeyPair {
  KemPublic public_key{};
  Secret secret_key;
};
/// Draws 32 octets of key material at once and derives the pair from them (RFC 9180, 7.1.3), so that a test can give
/// the ephemeral key of a vector through its Rng.
KemKeyPair make_kem_key(Rng& rng);
/// Public key of an existing secret.
KemPublic kem_public_of(const Secret& secret_key);

/// An encryption context. Sequence numbers are given by the caller (they are record numbers), so this object cannot by
/// itself prevent that one is used twice: RunWriter does.
class HpkeContext final {
 public:
  /// plaintext + 16 octets. Nothing but the result is allocated.
  [[nodiscard]] Bytes seal(std::uint64_t sequence, ByteView associated, ByteView plaintext) const;
  /// Errors: unauthenticated, also for fewer than 16 octets.
  [[nodiscard]] Result<Bytes> open(std::uint64_t sequence, ByteView associated, ByteView ciphertext) const;
  /// The same, appended to `out`, which must not hold the plaintext or associated octets themselves: it may move.
  void seal_to(Bytes& out, std::uint64_t sequence, ByteView associated, ByteView plaintext) const;
  /// On an error `out` is as long as before.
  Result<void> open_to(Bytes& out, std::uint64_t sequence, ByteView associated, ByteView ciphertext) const;
  /// At most 8160 octets, HKDF's limit.
  [[nodiscard]] Bytes export_secret(ByteView context, std::size_t octets) const;
  /// key 32 ‖ base nonce 12 ‖ exporter secret 32, for the author copy.
  [[nodiscard]] Secret exported_state() const { return state_.duplicate(); }
  /// Errors: malformed unless 76 octets.
  static Result<HpkeContext> from_state(Secret state);

 private:
  explicit HpkeContext(Secret state) : state_(std::move(state)) {}
  Secret state_;
};

struct HpkeSender {
  KemPublic enc{};
  HpkeContext context;
};

/// Errors of all four: unauthenticated for a public key of small order.
Result<HpkeSender> hpke_base_sender(const KemPublic& recipient, ByteView info, Rng& rng);
Result<HpkeContext> hpke_base_receiver(const KemPublic& enc, const Secret& recipient_secret, ByteView info);
Result<HpkeSender> hpke_auth_sender(const KemPublic& recipient, ByteView info, const Secret& sender_secret, Rng& rng);
Result<HpkeContext> hpke_auth_receiver(const KemPublic& enc, const Secret& recipient_secret, ByteView info,
                                       const KemPublic& sender);

inline constexpr std::size_t seal_once_overhead_octets = kem_key_octets + aead_tag_octets;
/// One message sealed to a key, Base mode: enc 32 ‖ ciphertext ‖ tag 16.
Result<Bytes> hpke_seal_once(const KemPublic& recipient, ByteView info, ByteView associated, ByteView plaintext, Rng& rng);
/// Errors: unauthenticated.
Result<Bytes> hpke_open_once(const Secret& recipient_secret, ByteView info, ByteView associated, ByteView sealed);

}  // namespace khuoi::sync
