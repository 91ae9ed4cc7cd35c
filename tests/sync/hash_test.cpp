#include "sync/seal/hash.h"

#include <sodium.h>

#include <catch2/catch.hpp>

#include "sync/base/rng.h"
#include "sync/seal/hash_each.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {

std::string digest(std::size_t octets, ByteView message, ByteView key = {}) {
  return to_hex(Blake2b(octets, key).add(message).finish());
}

Bytes counting(std::size_t octets) {
  Bytes out(octets);
  for (std::size_t i = 0; i < octets; ++i) out[i] = static_cast<std::uint8_t>(i);
  return out;
}

/// Another implementation of the same.
Bytes sodiums(std::size_t octets, ByteView message, ByteView key = {}) {
  Bytes out(octets);
  REQUIRE(crypto_generichash_blake2b(out.data(), out.size(), message.data(), message.size(), key.data(), key.size()) == 0);
  return out;
}

}  // namespace

// Expected values: Python's hashlib.blake2b(message, digest_size=octets, key=key).
TEST_CASE("hash: BLAKE2b of every length we use is that of RFC 7693", "[sync][hash]") {
  CHECK(digest(1, view_of("abc")) == "6b");
  CHECK(digest(8, {}) == "e4a6a0577479b2b4");
  CHECK(digest(8, view_of("abc")) == "d8bb14d833d59559");
  CHECK(digest(16, view_of("abc")) == "cf4ab791c62b8d2b2109c90275287816");
  CHECK(digest(32, view_of("abc")) == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  CHECK(digest(64, view_of("abc")) ==
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
        "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

TEST_CASE("hash: a short digest is not the start of a longer one", "[sync][hash]") {
  CHECK(digest(32, view_of("abc")).substr(0, 16) != digest(8, view_of("abc")));
}

TEST_CASE("hash: a key makes another hash", "[sync][hash]") {
  CHECK(digest(16, view_of("abc"), counting(32)) == "1a64be47e4729d951c302ee543f97cf3");
  CHECK(digest(16, view_of("abc"), counting(32)) != digest(16, view_of("abc")));
}

TEST_CASE("hash: parts are taken as if joined, wherever they are cut", "[sync][hash]") {
  const Bytes message = counting(700);
  const std::string whole = digest(32, message);
  for (const std::size_t cut : {0U, 1U, 127U, 128U, 129U, 256U, 699U, 700U}) {
    CAPTURE(cut);
    const ByteView view(message);
    CHECK(to_hex(Blake2b(32).add(view.first(cut)).add({}).add(view.subspan(cut)).finish()) == whole);
  }
}

TEST_CASE("hash: an id is the BLAKE2b of its own length", "[sync][hash]") {
  CHECK(hash_id<NodeId>(view_of("abc")).hex() == "d8bb14d833d59559");
  CHECK(hash_id<ChunkHash>(view_of("abc")).hex() == digest(32, view_of("abc")));
}

TEST_CASE("hash: every length around a block, with and without a key, is as libsodium has it", "[sync][hash]") {
  REQUIRE(sodium_init() >= 0);
  SeededRng rng(7);
  Bytes message(1000);
  rng.fill(message);
  for (std::size_t octets = 0; octets <= 520; ++octets) {
    const ByteView part = ByteView(message).first(octets);
    CAPTURE(octets);
    REQUIRE(Blake2b(32).add(part).finish() == sodiums(32, part));
    const ByteView key = ByteView(message).last(16 + octets % 49);
    REQUIRE(Blake2b(16 + octets % 49, key).add(part).finish() == sodiums(16 + octets % 49, part, key));
  }
  for (int n = 0; n < 300; ++n) {
    Blake2b hash(64);
    Bytes taken;
    while (taken.size() < 3000) {
      const ByteView part = ByteView(message).first(rng.below(400));
      hash.add(part);
      append(taken, part);
    }
    REQUIRE(hash.finish() == sodiums(64, taken));
  }
}

TEST_CASE("hash: messages hashed beside each other have the hashes that they have alone", "[sync][hash]") {
  REQUIRE(sodium_init() >= 0);
  SeededRng rng(8);
  Bytes octets(40'000);
  rng.fill(octets);
  for (int n = 0; n < 400; ++n) {
    std::vector<ByteView> messages;
    const std::size_t count = rng.below(20);
    std::size_t length = rng.below(600);
    for (std::size_t i = 0; i < count; ++i) {
      if (rng.below(5) == 0) length = rng.below(600);  // most have the length of the one before
      messages.push_back(ByteView(octets).subspan(i * 700, length));
    }
    const auto hashes = hash_each(messages);
    REQUIRE(hashes.size() == count);
    for (std::size_t i = 0; i < count; ++i) REQUIRE(equal(hashes[i], sodiums(32, messages[i])));
  }
  CHECK(hash_ids<ChunkHash>(std::vector<ByteView>(9, view_of("abc"))).back() == hash_id<ChunkHash>(view_of("abc")));
}

TEST_CASE("hash: as many messages as there are lanes, of every length around a block", "[sync][hash]") {
  SeededRng rng(9);
  Bytes octets(8 * 300);
  rng.fill(octets);
  const std::size_t lanes = blake2b_lanes();
  for (std::size_t length = 0; length <= 300; ++length) {
    std::vector<ByteView> messages;
    for (std::size_t i = 0; i < lanes; ++i) messages.push_back(ByteView(octets).subspan(i * 300, length));
    std::vector<Blake2b256> out(lanes);
    blake2b_beside(messages, out);
    CAPTURE(length);
    for (std::size_t i = 0; i < lanes; ++i) REQUIRE(equal(out[i], Blake2b(32).add(messages[i]).finish()));
  }
}
