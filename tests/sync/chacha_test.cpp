#include "sync/seal/chacha.h"

#include <sodium.h>

#include <catch2/catch.hpp>

#include "sync/base/rng.h"

using namespace khuoi;
using namespace khuoi::sync;

TEST_CASE("chacha: what is sealed is as libsodium seals it, and opens", "[sync][seal]") {
  REQUIRE(sodium_init() >= 0);
  SeededRng rng(3);
  ChachaKey key{};
  ChachaNonce nonce{};
  for (const std::size_t octets : {0U, 1U, 15U, 16U, 17U, 63U, 64U, 65U, 255U, 256U, 1000U, 65535U, 65536U}) {
    CAPTURE(octets);
    rng.fill(key);
    rng.fill(nonce);
    Bytes plaintext(octets);
    rng.fill(plaintext);
    Bytes sealed(octets + chacha_tag_octets);
    chacha_seal(key, nonce, plaintext, sealed);
    Bytes sodiums(sealed.size());
    REQUIRE(crypto_aead_chacha20poly1305_ietf_encrypt(sodiums.data(), nullptr, plaintext.data(), plaintext.size(), nullptr,
                                                      0, nullptr, nonce.data(), key.data()) == 0);
    CHECK(sealed == sodiums);
    Bytes opened(octets);
    CHECK(chacha_open(key, nonce, sealed, opened));
    CHECK(opened == plaintext);
  }
}

TEST_CASE("chacha: nothing opens with an octet changed, or under another key or nonce", "[sync][seal]") {
  const ChachaKey key{1};
  const ChachaNonce nonce{2};
  const Bytes plaintext(70, 3);
  Bytes sealed(plaintext.size() + chacha_tag_octets);
  chacha_seal(key, nonce, plaintext, sealed);
  Bytes opened(plaintext.size());
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    Bytes changed = sealed;
    changed[at] ^= 0x10;
    CHECK_FALSE(chacha_open(key, nonce, changed, opened));
  }
  CHECK_FALSE(chacha_open(ChachaKey{9}, nonce, sealed, opened));
  CHECK_FALSE(chacha_open(key, ChachaNonce{9}, sealed, opened));
  Bytes nothing;
  CHECK_FALSE(chacha_open(key, nonce, ByteView(sealed).first(chacha_tag_octets), nothing));
}
