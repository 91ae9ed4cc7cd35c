#include "sync/seal/xchacha.h"

#include <sodium.h>

#include "sync/base/check.h"
#include "sync/seal/sodium.h"

namespace khuoi::sync {

namespace {

constexpr std::size_t nonce_octets = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
static_assert(xchacha_overhead_octets == nonce_octets + crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(xchacha_key_octets == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

/// `plain` is as long as what was sealed.
bool open_to(std::span<std::uint8_t> plain, const Secret& key, ByteView associated, ByteView sealed) {
  KHUOI_CHECK(key.view().size() == xchacha_key_octets);
  require_sodium();
  const ByteView box = sealed.subspan(nonce_octets);
  return crypto_aead_xchacha20poly1305_ietf_decrypt(plain.data(), nullptr, nullptr, box.data(), box.size(),
                                                    associated.data(), associated.size(), sealed.data(),
                                                    key.view().data()) == 0;
}

}  // namespace

Bytes bound(std::string_view use, ByteView what) {
  Bytes out;
  Writer(out).raw(view_of("khuoi/1/")).raw(view_of(use)).u8(0).raw(what);
  return out;
}

Bytes xchacha_seal(const Secret& key, ByteView associated, ByteView plain, Rng& rng) {
  KHUOI_CHECK(key.view().size() == xchacha_key_octets);
  require_sodium();
  Bytes out(plain.size() + xchacha_overhead_octets);
  rng.fill(std::span(out).first(nonce_octets));
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + nonce_octets, nullptr, plain.data(), plain.size(),
                                             associated.data(), associated.size(), nullptr, out.data(),
                                             key.view().data());
  return out;
}

std::optional<Bytes> xchacha_open(const Secret& key, ByteView associated, ByteView sealed) {
  if (sealed.size() < xchacha_overhead_octets) return std::nullopt;
  Bytes plain(sealed.size() - xchacha_overhead_octets);
  return open_to(plain, key, associated, sealed) ? std::optional(std::move(plain)) : std::nullopt;
}

std::optional<Secret> xchacha_open_secret(const Secret& key, ByteView associated, ByteView sealed) {
  if (sealed.size() < xchacha_overhead_octets) return std::nullopt;
  Secret plain(sealed.size() - xchacha_overhead_octets);
  return open_to(plain.writable(), key, associated, sealed) ? std::optional(std::move(plain)) : std::nullopt;
}

}  // namespace khuoi::sync
