#include "sync/seal/slot.h"

#include <catch2/catch.hpp>

#include "sync/seal/xchacha.h"
#include "tests/support/print_result.h"
#include "tests/sync/seal_samples.h"

using namespace khuoi;
using namespace khuoi::sync;
using khuoi::tests::drawn;

namespace {

std::vector<LockKey> two_keys(Rng& rng) {
  std::vector<LockKey> out;
  out.push_back({Lock::general, drawn(rng)});
  out.push_back({Lock::health, drawn(rng)});
  return out;
}

PassphraseParams some_params() {
  PassphraseParams out;
  out.salt.fill(0x5a);
  out.operations = 3;
  out.memory_kib = 256 * 1024;
  return out;
}

void check_same(const std::vector<LockKey>& a, const std::vector<LockKey>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i].lock == b[i].lock);
    CHECK(equal(a[i].key.view(), b[i].key.view()));
  }
}

template <typename T>
Errc code_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

struct Fixture {
  SeededRng rng{11};
  Secret phrase_key = drawn(rng);
  std::vector<LockKey> keys = two_keys(rng);
  Slot slot = make_passphrase_slot("Trưởng xóm", some_params(), phrase_key, keys, rng);
};

/// version, kind, person, salt, operations, memory, sealed, as a slot's page draws them.
Bytes passphrase_slot_octets(std::uint32_t operations, std::uint32_t memory_kib, std::size_t person_octets = 1,
                             std::size_t sealed_octets = 60) {
  Bytes out;
  Writer(out)
      .u8(1)
      .u8(0)
      .counted(Bytes(person_octets, 'a'))
      .raw(Bytes(16))
      .u32(operations)
      .u32(memory_kib)
      .counted(Bytes(sealed_octets));
  return out;
}

}  // namespace

TEST_CASE("slot: the right phrase key gives the lock keys back, also after storing", "[sync][slot]") {
  const Fixture f;
  const auto keys = open_passphrase_slot(f.slot, f.phrase_key);
  REQUIRE(keys);
  check_same(*keys, f.keys);
  const auto stored = decode_slot(encode(f.slot));
  REQUIRE(stored);
  CHECK(stored->person == "Trưởng xóm");
  CHECK(stored->params == some_params());
  const auto again = open_passphrase_slot(*stored, f.phrase_key);
  REQUIRE(again);
  check_same(*again, f.keys);
}

TEST_CASE("slot: a wrong phrase is denied in words for people", "[sync][slot]") {
  Fixture f;
  const auto refused = open_passphrase_slot(f.slot, drawn(f.rng));
  CHECK(code_of(refused) == Errc::denied);
  CHECK(refused.error().what == "the passphrase is wrong");
}

TEST_CASE("slot: another person, salt, cost or sealed part is denied", "[sync][slot]") {
  const Fixture f;
  Slot changed = f.slot;
  changed.person = "Y tế thôn";
  CHECK(code_of(open_passphrase_slot(changed, f.phrase_key)) == Errc::denied);
  changed = f.slot;
  changed.params.salt[3] ^= 1U;
  CHECK(code_of(open_passphrase_slot(changed, f.phrase_key)) == Errc::denied);
  changed = f.slot;
  changed.params.operations = 1;
  CHECK(code_of(open_passphrase_slot(changed, f.phrase_key)) == Errc::denied);
  changed = f.slot;
  changed.params.memory_kib = 8;
  CHECK(code_of(open_passphrase_slot(changed, f.phrase_key)) == Errc::denied);
  for (std::size_t at = 0; at < f.slot.sealed.size(); ++at) {
    CAPTURE(at);
    changed = f.slot;
    changed.sealed[at] ^= 0x40U;
    CHECK(code_of(open_passphrase_slot(changed, f.phrase_key)) == Errc::denied);
    changed.sealed.resize(at);
    CHECK(code_of(open_passphrase_slot(changed, f.phrase_key)) == Errc::denied);
  }
}

TEST_CASE("slot: two slots of one person share no octet of what is sealed", "[sync][slot]") {
  Fixture f;
  const Slot other = make_passphrase_slot("Trưởng xóm", some_params(), f.phrase_key, f.keys, f.rng);
  CHECK(other.sealed != f.slot.sealed);
  CHECK_FALSE(equal(ByteView(other.sealed).first(24), ByteView(f.slot.sealed).first(24)));
}

TEST_CASE("slot: recovery opens for this node with the commune's key only", "[sync][slot]") {
  SeededRng rng(12);
  const auto keys = two_keys(rng);
  const NodeId node = rng.id<NodeId>();
  const KemKeyPair commune = make_kem_key(rng);
  const KemKeyPair stranger = make_kem_key(rng);
  const auto made = make_recovery_slot(node, commune.public_key, keys, rng);
  REQUIRE(made);
  const auto slot = decode_slot(encode(*made));
  REQUIRE(slot);
  CHECK(slot->kind == Slot::Kind::recovery);
  const auto opened = open_recovery_slot(*slot, node, commune.secret_key);
  REQUIRE(opened);
  check_same(*opened, keys);
  CHECK(code_of(open_recovery_slot(*slot, rng.id<NodeId>(), commune.secret_key)) == Errc::unauthenticated);
  CHECK(code_of(open_recovery_slot(*slot, node, stranger.secret_key)) == Errc::unauthenticated);
  for (std::size_t at = 0; at < slot->sealed.size(); ++at) {
    CAPTURE(at);
    Slot changed = *slot;
    changed.sealed[at] ^= 1U;
    CHECK(code_of(open_recovery_slot(changed, node, commune.secret_key)) == Errc::unauthenticated);
  }
  CHECK(code_of(make_recovery_slot(node, KemPublic{}, keys, rng)) == Errc::unauthenticated);
}

TEST_CASE("slot: one kind is not opened as the other", "[sync][slot]") {
  Fixture f;
  const KemKeyPair commune = make_kem_key(f.rng);
  const auto recovery = make_recovery_slot({}, commune.public_key, f.keys, f.rng);
  REQUIRE(recovery);
  CHECK(code_of(open_passphrase_slot(*recovery, f.phrase_key)) == Errc::malformed);
  CHECK(code_of(open_recovery_slot(f.slot, {}, commune.secret_key)) == Errc::malformed);
}

TEST_CASE("slot: cut short at any octet, or with one more, it is malformed", "[sync][slot]") {
  const Fixture f;
  const Bytes stored = encode(f.slot);
  for (std::size_t octets = 0; octets < stored.size(); ++octets) {
    CAPTURE(octets);
    CHECK(code_of(decode_slot(ByteView(stored).first(octets))) == Errc::malformed);
  }
  Bytes longer = stored;
  longer.push_back(0);
  CHECK(code_of(decode_slot(longer)) == Errc::malformed);
}

TEST_CASE("slot: no flipped bit of a stored slot opens it", "[sync][slot]") {
  const Fixture f;
  const Bytes stored = encode(f.slot);
  for (std::size_t bit = 0; bit < stored.size() * 8; ++bit) {
    Bytes changed = stored;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto slot = decode_slot(changed);
    if (slot && open_passphrase_slot(*slot, f.phrase_key)) FAIL("bit " << bit << " flipped and still opened");
  }
}

TEST_CASE("slot: costs and lengths past their limits are refused before anything is done for them", "[sync][slot]") {
  CHECK(decode_slot(passphrase_slot_octets(1, 8)));
  CHECK(decode_slot(passphrase_slot_octets(64, 4U * 1024 * 1024)));
  CHECK(code_of(decode_slot(passphrase_slot_octets(0, 8))) == Errc::malformed);
  CHECK(code_of(decode_slot(passphrase_slot_octets(65, 8))) == Errc::malformed);
  CHECK(code_of(decode_slot(passphrase_slot_octets(1, 7))) == Errc::malformed);
  CHECK(code_of(decode_slot(passphrase_slot_octets(1, 4U * 1024 * 1024 + 1))) == Errc::malformed);
  CHECK(code_of(decode_slot(passphrase_slot_octets(1, 0xffffffffU))) == Errc::malformed);
  CHECK(decode_slot(passphrase_slot_octets(1, 8, person_octets_max)));
  CHECK(code_of(decode_slot(passphrase_slot_octets(1, 8, person_octets_max + 1))) == Errc::malformed);
  CHECK(decode_slot(passphrase_slot_octets(1, 8, 64, slot_sealed_octets_max)));
  CHECK(code_of(decode_slot(passphrase_slot_octets(1, 8, 1, slot_sealed_octets_max + 1))) == Errc::malformed);
  CHECK(code_of(decode_slot(Bytes(1U << 20U, 1))) == Errc::too_large);
}

TEST_CASE("slot: a later version is named as such, an unknown kind is malformed", "[sync][slot]") {
  const Fixture f;
  Bytes changed = encode(f.slot);
  changed[0] = 2;
  CHECK(code_of(decode_slot(changed)) == Errc::unsupported);
  changed[0] = 1;
  changed[1] = 2;
  CHECK(code_of(decode_slot(changed)) == Errc::malformed);
}

TEST_CASE("slot: what is inside must be 1 to 8 known locks with whole keys", "[sync][slot]") {
  Bytes plain;
  Writer(plain).u8(1).u8(3).raw(Bytes(32, 7));
  const auto one = decode_lock_keys(plain);
  REQUIRE(one);
  CHECK(one->front().lock == Lock::officer);
  plain[1] = 5;
  CHECK(code_of(decode_lock_keys(plain)) == Errc::malformed);
  plain[1] = 3;
  plain.push_back(0);
  CHECK(code_of(decode_lock_keys(plain)) == Errc::malformed);
  CHECK(code_of(decode_lock_keys(ByteView(plain).first(33))) == Errc::malformed);
  CHECK(code_of(decode_lock_keys({})) == Errc::malformed);
  CHECK(code_of(decode_lock_keys(Bytes{0})) == Errc::malformed);
  Bytes nine(1 + 9 * 33, 0);
  nine[0] = 9;
  CHECK(code_of(decode_lock_keys(nine)) == Errc::malformed);
  nine[0] = 8;
  CHECK(decode_lock_keys(ByteView(nine).first(1 + 8 * 33)));
}

TEST_CASE("slot: a wrapped secret opens with its lock key and label only", "[sync][slot]") {
  SeededRng rng(13);
  const Secret lock = drawn(rng);
  const Secret secret = drawn(rng, 64);
  const Bytes wrapped = wrap_secret(lock, "authority", secret, rng);
  CHECK(wrapped.size() == 64 + xchacha_overhead_octets);
  const auto opened = unwrap_secret(lock, "authority", wrapped);
  REQUIRE(opened);
  CHECK(equal(opened->view(), secret.view()));
  CHECK(code_of(unwrap_secret(lock, "reader", wrapped)) == Errc::denied);
  CHECK(code_of(unwrap_secret(drawn(rng), "authority", wrapped)) == Errc::denied);
  for (std::size_t at = 0; at < wrapped.size(); ++at) {
    CAPTURE(at);
    CHECK(code_of(unwrap_secret(lock, "authority", ByteView(wrapped).first(at))) == Errc::denied);
    Bytes changed = wrapped;
    changed[at] ^= 0x80U;
    CHECK(code_of(unwrap_secret(lock, "authority", changed)) == Errc::denied);
  }
  Bytes longer = wrapped;
  longer.push_back(0);
  CHECK(code_of(unwrap_secret(lock, "authority", longer)) == Errc::denied);
}

TEST_CASE("slot: a fingerprint is 30 digits in six groups, and reads the same however it is typed", "[sync][slot]") {
  const std::string digits = fingerprint_digits(view_of("abc"));
  CHECK(digits == "53283 26609 84919 09275 66482 47957");
  CHECK(only_digits(digits).size() == 30);
  CHECK(fingerprint_digits(view_of("abd")) != digits);
  CHECK(only_digits(" 123-45\t67 890.") == "1234567890");
  CHECK(only_digits("") == "");
}
