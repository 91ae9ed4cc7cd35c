#include "sync/seal/hkdf.h"

#include <sodium.h>

#include <algorithm>

#include "sync/base/check.h"
#include "sync/seal/sodium.h"

namespace khuoi::sync {

namespace {

class Hmac final {
 public:
  explicit Hmac(ByteView key) {
    constexpr std::uint8_t none = 0;  // libsodium wants a place even for no octets
    crypto_auth_hmacsha256_init(&state_, key.empty() ? &none : key.data(), key.size());
  }
  ~Hmac() { sodium_memzero(&state_, sizeof state_); }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;
  void add(ByteView part) {
    if (!part.empty()) crypto_auth_hmacsha256_update(&state_, part.data(), part.size());
  }
  void finish(std::span<std::uint8_t, hkdf_prk_octets> out) { crypto_auth_hmacsha256_final(&state_, out.data()); }

 private:
  crypto_auth_hmacsha256_state state_{};
};

}  // namespace

void hkdf_extract(std::span<std::uint8_t, hkdf_prk_octets> prk, ByteView salt, std::initializer_list<ByteView> ikm) {
  require_sodium();
  Hmac hmac(salt);
  for (const ByteView part : ikm) hmac.add(part);
  hmac.finish(prk);
}

void hkdf_expand(std::span<std::uint8_t> out, ByteView prk, std::initializer_list<ByteView> info) {
  KHUOI_CHECK(out.size() <= hkdf_expand_octets_max);
  require_sodium();
  WipedArray<hkdf_prk_octets> block;
  ByteView previous;
  for (std::uint8_t counter = 1; !out.empty(); ++counter) {
    Hmac hmac(prk);
    hmac.add(previous);
    for (const ByteView part : info) hmac.add(part);
    hmac.add({&counter, 1});
    hmac.finish(block.value);
    previous = block.view();
    const std::size_t octets = std::min(out.size(), hkdf_prk_octets);
    std::copy_n(block.value.begin(), octets, out.begin());
    out = out.subspan(octets);
  }
}

}  // namespace khuoi::sync
