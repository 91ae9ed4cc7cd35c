#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "sync/seal/signature.h"
#include "sync/seal/slot.h"
#include "tests/support/golden.h"
#include "tests/support/print_result.h"
#include "tests/sync/seal_samples.h"

using namespace khuoi;
using namespace khuoi::sync;
using khuoi::tests::drawn;

// What is on people's disks. A change here needs a new version octet and a reader for the old one.
TEST_CASE("seal: stored octets are those of the golden file", "[sync][seal]") {
  SeededRng rng(2024);
  const Secret phrase_key = drawn(rng);
  std::vector<LockKey> keys;
  keys.push_back({Lock::general, drawn(rng)});
  keys.push_back({Lock::health, drawn(rng)});
  const KemKeyPair commune = make_kem_key(rng);
  const SignKeyPair author = make_sign_key(rng);
  const auto node = rng.id<NodeId>();
  const auto commune_id = rng.id<CommuneId>();
  PassphraseParams params;
  rng.fill(params.salt);
  params.operations = 3;
  params.memory_kib = 256 * 1024;

  const Slot slot = make_passphrase_slot("Trưởng xóm", params, phrase_key, keys, rng);
  const auto recovery = make_recovery_slot(node, commune.public_key, keys, rng);
  REQUIRE(recovery);
  const Bytes wrapped = wrap_secret(keys[0].key, "reader-general", commune.secret_key, rng);
  const Signature signature =
      sign(author.secret_key, Purpose::opener, commune_id, {view_of("part one, "), view_of("two")});
  std::string fingerprint = fingerprint_digits(author.public_key);
  std::replace(fingerprint.begin(), fingerprint.end(), ' ', '-');

  auto expected = tests::read_golden("seal_golden.txt");
  CHECK(to_hex(encode(slot)) == expected["slot_passphrase"]);
  CHECK(to_hex(encode(*recovery)) == expected["slot_recovery"]);
  CHECK(to_hex(wrapped) == expected["wrapped_secret"]);
  CHECK(to_hex(author.public_key) == expected["sign_public"]);
  CHECK(to_hex(commune_id.view()) == expected["commune"]);
  CHECK(to_hex(signature) == expected["signature_opener"]);
  CHECK(fingerprint == expected["fingerprint"]);
  CHECK(to_hex(phrase_key.view()) == expected["phrase_key"]);
  CHECK(to_hex(keys[0].key.view()) == expected["lock_general"]);
  CHECK(to_hex(keys[1].key.view()) == expected["lock_health"]);
  CHECK(to_hex(commune.secret_key.view()) == expected["kem_secret"]);
  CHECK(to_hex(node.view()) == expected["node"]);
}
