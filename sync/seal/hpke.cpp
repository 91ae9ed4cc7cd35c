#include "sync/seal/hpke.h"

#include <sodium.h>

#include <algorithm>

#include "sync/base/check.h"
#include "sync/seal/hkdf.h"
#include "sync/seal/sodium.h"

namespace khuoi::sync {

namespace {

// Where things lie in HpkeContext's state.
constexpr std::size_t key_octets = 32;
constexpr std::size_t hpke_nonce_octets = 12;
constexpr std::size_t exporter_octets = 32;
constexpr std::size_t nonce_at = key_octets;
constexpr std::size_t exporter_at = key_octets + hpke_nonce_octets;
constexpr std::size_t state_octets = exporter_at + exporter_octets;

enum class Mode : std::uint8_t { base = 0, auth = 2 };  // RFC 9180, table 1

// RFC 9180, 4.1 and 5.1: DHKEM(X25519, HKDF-SHA256) is 0x0020, HKDF-SHA256 0x0001, ChaCha20Poly1305 0x0003.
constexpr std::array<std::uint8_t, 5> kem_suite{'K', 'E', 'M', 0x00, 0x20};
constexpr std::array<std::uint8_t, 10> hpke_suite{'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01, 0x00, 0x03};
constexpr std::string_view version_label = "HPKE-v1";

void labeled_extract(std::span<std::uint8_t, hkdf_prk_octets> prk, ByteView suite, ByteView salt,
                     std::string_view label, ByteView ikm) {
  hkdf_extract(prk, salt, {view_of(version_label), suite, view_of(label), ikm});
}

void labeled_expand(std::span<std::uint8_t> out, ByteView suite, ByteView prk, std::string_view label, ByteView info) {
  const std::array<std::uint8_t, 2> octets{static_cast<std::uint8_t>(out.size() >> 8U),
                                           static_cast<std::uint8_t>(out.size())};
  hkdf_expand(out, prk, {octets, view_of(version_label), suite, view_of(label), info});
}

/// False for a public key of small order.
bool diffie_hellman(std::uint8_t* out, const Secret& secret, const KemPublic& other) {
  KHUOI_CHECK(secret.view().size() == kem_key_octets);
  return crypto_scalarmult(out, secret.view().data(), other.data()) == 0;
}

Error small_order() {
  return fail(Errc::unauthenticated, "HPKE: a public key of small order, which no honest node makes; drop the message");
}

Error does_not_open() {
  return fail(Errc::unauthenticated, "HPKE: the sealed octets do not open with this key, number and header");
}

/// RFC 9180, 4.1, from the Diffie-Hellman results (one, or two with a known sender) to the shared secret.
void extract_and_expand(WipedArray<32>& shared, ByteView dh, const KemPublic& enc, const KemPublic& recipient,
                        const KemPublic* sender) {
  std::array<std::uint8_t, 3 * kem_key_octets> kem_context{};
  auto end = std::ranges::copy(enc, kem_context.begin()).out;
  end = std::ranges::copy(recipient, end).out;
  if (sender != nullptr) end = std::ranges::copy(*sender, end).out;
  const ByteView context(kem_context.begin(), end);
  WipedArray<hkdf_prk_octets> prk;
  labeled_extract(prk.value, kem_suite, {}, "eae_prk", dh);
  labeled_expand(shared.value, kem_suite, prk.view(), "shared_secret", context);
}

/// RFC 9180, 5.1, without a pre-shared key: key ‖ base nonce ‖ exporter secret.
Secret key_schedule(Mode mode, const WipedArray<32>& shared, ByteView info) {
  std::array<std::uint8_t, 1 + 2 * hkdf_prk_octets> context{static_cast<std::uint8_t>(mode)};
  const std::span<std::uint8_t> hashes(context.data() + 1, 2 * hkdf_prk_octets);
  labeled_extract(hashes.first<hkdf_prk_octets>(), hpke_suite, {}, "psk_id_hash", {});
  labeled_extract(hashes.last<hkdf_prk_octets>(), hpke_suite, {}, "info_hash", info);
  WipedArray<hkdf_prk_octets> secret;
  labeled_extract(secret.value, hpke_suite, shared.view(), "secret", {});
  Secret state(state_octets);
  const std::span<std::uint8_t> out = state.writable();
  labeled_expand(out.first(key_octets), hpke_suite, secret.view(), "key", context);
  labeled_expand(out.subspan(nonce_at, hpke_nonce_octets), hpke_suite, secret.view(), "base_nonce", context);
  labeled_expand(out.subspan(exporter_at, exporter_octets), hpke_suite, secret.view(), "exp", context);
  return state;
}

Result<HpkeContext> context_of(Mode mode, const WipedArray<32>& shared, ByteView info) {
  return HpkeContext::from_state(key_schedule(mode, shared, info));
}

Result<HpkeSender> make_sender(const KemPublic& recipient, ByteView info, const Secret* sender_secret, Rng& rng) {
  const KemKeyPair ephemeral = make_kem_key(rng);
  WipedArray<2 * kem_key_octets> dh;
  WipedArray<32> shared;
  if (!diffie_hellman(dh.data(), ephemeral.secret_key, recipient)) return small_order();
  if (sender_secret == nullptr) {
    extract_and_expand(shared, dh.view().first(kem_key_octets), ephemeral.public_key, recipient, nullptr);
  } else {
    if (!diffie_hellman(dh.data() + kem_key_octets, *sender_secret, recipient)) return small_order();
    const KemPublic sender = kem_public_of(*sender_secret);
    extract_and_expand(shared, dh.view(), ephemeral.public_key, recipient, &sender);
  }
  KHUOI_TRY(auto context, context_of(sender_secret == nullptr ? Mode::base : Mode::auth, shared, info));
  return HpkeSender{ephemeral.public_key, std::move(context)};
}

Result<HpkeContext> make_receiver(const KemPublic& enc, const Secret& recipient_secret, ByteView info,
                                  const KemPublic* sender) {
  require_sodium();
  WipedArray<2 * kem_key_octets> dh;
  WipedArray<32> shared;
  const KemPublic recipient = kem_public_of(recipient_secret);
  if (!diffie_hellman(dh.data(), recipient_secret, enc)) return small_order();
  if (sender == nullptr) {
    extract_and_expand(shared, dh.view().first(kem_key_octets), enc, recipient, nullptr);
  } else {
    if (!diffie_hellman(dh.data() + kem_key_octets, recipient_secret, *sender)) return small_order();
    extract_and_expand(shared, dh.view(), enc, recipient, sender);
  }
  return context_of(sender == nullptr ? Mode::base : Mode::auth, shared, info);
}

/// RFC 9180, 5.2: the base nonce with the number, in network order, on its last eight octets.
std::array<std::uint8_t, hpke_nonce_octets> nonce_of(ByteView state, std::uint64_t sequence) {
  std::array<std::uint8_t, hpke_nonce_octets> nonce{};
  std::ranges::copy(state.subspan(nonce_at, hpke_nonce_octets), nonce.begin());
  for (std::size_t i = 0; i < sizeof sequence; ++i) {
    nonce[hpke_nonce_octets - 1 - i] ^= static_cast<std::uint8_t>(sequence >> (8 * i));
  }
  return nonce;
}

}  // namespace

KemKeyPair make_kem_key(Rng& rng) {
  require_sodium();
  WipedArray<kem_key_octets> material;
  rng.fill(material.value);
  WipedArray<hkdf_prk_octets> prk;
  labeled_extract(prk.value, kem_suite, {}, "dkp_prk", material.view());
  KemKeyPair out;
  out.secret_key = Secret(kem_key_octets);
  labeled_expand(out.secret_key.writable(), kem_suite, prk.view(), "sk", {});
  out.public_key = kem_public_of(out.secret_key);
  return out;
}

KemPublic kem_public_of(const Secret& secret_key) {
  KHUOI_CHECK(secret_key.view().size() == kem_key_octets);
  require_sodium();
  KemPublic out{};
  KHUOI_CHECK(crypto_scalarmult_base(out.data(), secret_key.view().data()) == 0);
  return out;
}

Result<HpkeContext> HpkeContext::from_state(Secret state) {
  if (state.view().size() != state_octets) {
    return fail(Errc::malformed, "HPKE: a stored context is not 76 octets long");
  }
  return HpkeContext(std::move(state));
}

void HpkeContext::seal_to(Bytes& out, std::uint64_t sequence, ByteView associated, ByteView plaintext) const {
  const ByteView state = state_.view();
  KHUOI_CHECK(state.size() == state_octets);  // moved from
  const auto nonce = nonce_of(state, sequence);
  const std::size_t before = out.size();
  out.resize(before + plaintext.size() + aead_tag_octets);
  unsigned long long written = 0;
  crypto_aead_chacha20poly1305_ietf_encrypt(out.data() + before, &written, plaintext.data(), plaintext.size(),
                                            associated.data(), associated.size(), nullptr, nonce.data(), state.data());
  KHUOI_CHECK(written == plaintext.size() + aead_tag_octets);
}

Result<void> HpkeContext::open_to(Bytes& out, std::uint64_t sequence, ByteView associated, ByteView ciphertext) const {
  const ByteView state = state_.view();
  KHUOI_CHECK(state.size() == state_octets);  // moved from
  if (ciphertext.size() < aead_tag_octets) return does_not_open();
  const auto nonce = nonce_of(state, sequence);
  const std::size_t before = out.size();
  out.resize(before + ciphertext.size() - aead_tag_octets);
  const int refused = crypto_aead_chacha20poly1305_ietf_decrypt(out.data() + before, nullptr, nullptr,
                                                                ciphertext.data(), ciphertext.size(), associated.data(),
                                                                associated.size(), nonce.data(), state.data());
  if (refused == 0) return {};
  out.resize(before);
  return does_not_open();
}

Bytes HpkeContext::seal(std::uint64_t sequence, ByteView associated, ByteView plaintext) const {
  Bytes out;
  seal_to(out, sequence, associated, plaintext);
  return out;
}

Result<Bytes> HpkeContext::open(std::uint64_t sequence, ByteView associated, ByteView ciphertext) const {
  Bytes out;
  KHUOI_TRY_VOID(open_to(out, sequence, associated, ciphertext));
  return out;
}

Bytes HpkeContext::export_secret(ByteView context, std::size_t octets) const {
  KHUOI_CHECK(state_.view().size() == state_octets);  // moved from
  Bytes out(octets);
  labeled_expand(out, hpke_suite, state_.view().subspan(exporter_at, exporter_octets), "sec", context);
  return out;
}

Result<HpkeSender> hpke_base_sender(const KemPublic& recipient, ByteView info, Rng& rng) {
  return make_sender(recipient, info, nullptr, rng);
}

Result<HpkeContext> hpke_base_receiver(const KemPublic& enc, const Secret& recipient_secret, ByteView info) {
  return make_receiver(enc, recipient_secret, info, nullptr);
}

Result<HpkeSender> hpke_auth_sender(const KemPublic& recipient, ByteView info, const Secret& sender_secret, Rng& rng) {
  return make_sender(recipient, info, &sender_secret, rng);
}

Result<HpkeContext> hpke_auth_receiver(const KemPublic& enc, const Secret& recipient_secret, ByteView info,
                                       const KemPublic& sender) {
  return make_receiver(enc, recipient_secret, info, &sender);
}

Result<Bytes> hpke_seal_once(const KemPublic& recipient, ByteView info, ByteView associated, ByteView plaintext,
                             Rng& rng) {
  KHUOI_TRY(const auto sender, hpke_base_sender(recipient, info, rng));
  Bytes out;
  out.reserve(plaintext.size() + seal_once_overhead_octets);
  append(out, sender.enc);
  sender.context.seal_to(out, 0, associated, plaintext);
  return out;
}

Result<Bytes> hpke_open_once(const Secret& recipient_secret, ByteView info, ByteView associated, ByteView sealed) {
  if (sealed.size() < seal_once_overhead_octets) return does_not_open();
  KemPublic enc{};
  std::ranges::copy(sealed.first(kem_key_octets), enc.begin());
  KHUOI_TRY(const auto context, hpke_base_receiver(enc, recipient_secret, info));
  return context.open(0, associated, sealed.subspan(kem_key_octets));
}

}  // namespace khuoi::sync
