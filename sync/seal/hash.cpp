#include "sync/seal/hash.h"

#include <sodium.h>

#include "sync/base/check.h"
#include "sync/seal/secret.h"
#include "sync/seal/sodium.h"

namespace khuoi::sync {

namespace {

using BlakeState = crypto_generichash_blake2b_state;
constexpr std::size_t digest_octets_max = 64;  // RFC 7693, 2.1
constexpr std::size_t key_octets_min = 16;
constexpr std::size_t key_octets_max = 64;

BlakeState* state_of(std::array<std::uint8_t, 384>& octets) {
  static_assert(sizeof(BlakeState) == sizeof(octets) && alignof(BlakeState) <= 64);
  return reinterpret_cast<BlakeState*>(octets.data());
}

}  // namespace

Blake2b::Blake2b(std::size_t octets_out, ByteView key) : octets_out_(octets_out) {
  KHUOI_CHECK(octets_out >= 1);
  KHUOI_CHECK(octets_out <= digest_octets_max);
  KHUOI_CHECK(key.empty() || key.size() >= key_octets_min);
  KHUOI_CHECK(key.size() <= key_octets_max);
  require_sodium();
  // BYTES_MIN of libsodium's header is 16, but init takes any length from 1; hash_test.cpp holds it to that.
  KHUOI_CHECK(crypto_generichash_blake2b_init(state_of(state_), key.data(), key.size(), octets_out) == 0);
}

Blake2b& Blake2b::add(ByteView part) {
  KHUOI_CHECK(octets_out_ != 0);
  if (!part.empty()) crypto_generichash_blake2b_update(state_of(state_), part.data(), part.size());
  return *this;
}

Bytes Blake2b::finish() {
  KHUOI_CHECK(octets_out_ != 0);
  Bytes out(octets_out_);
  KHUOI_CHECK(crypto_generichash_blake2b_final(state_of(state_), out.data(), out.size()) == 0);
  octets_out_ = 0;
  wipe(state_);
  return out;
}

}  // namespace khuoi::sync
