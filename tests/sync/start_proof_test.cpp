#include "sync/peers/start_proof.h"

#include <catch2/catch.hpp>

#include "sync/peers/holdings.h"
#include "sync/wire/bundle.h"
#include "sync/wire/segment.h"
#include "tests/support/golden.h"
#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {
const StartProof sample_proof{CommuneId::filled(0xc0), NodeId::filled(0xa0), 258, {1, 2, 3, 4, 5, 6, 7, 8}};

SignKeyPair sample_keys() {
  SeededRng rng(1);
  return make_sign_key(rng);
}
}  // namespace

TEST_CASE("start proof: a proof and a segment of type 5 keep their octets", "[sync][start_proof][golden]") {
  const SignKeyPair keys = sample_keys();
  const Bytes proof = encode_start_proof(sample_proof, keys.secret_key);
  BundleWriter writer({sample_proof.commune, sample_proof.node}, keys.secret_key);
  const std::vector<Bytes> tagged{tag_statement(StatementType::start_proof, proof)};
  const std::map<std::string, std::string> now{{"key", to_hex(keys.public_key)},
                                               {"proof", to_hex(proof)},
                                               {"later_statements", to_hex(writer.later_statements(tagged))}};
  CHECK(proof.size() == start_proof_octets);
  const auto golden = tests::read_golden("start_golden.txt");
  CHECK(golden.size() == now.size());
  for (const auto& [name, octets] : now) {
    INFO(name);
    const auto kept = golden.find(name);
    CHECK((kept != golden.end() ? kept->second : std::string("none")) == octets);
  }
}

TEST_CASE("start proof: the golden octets decode to what they say", "[sync][start_proof][golden]") {
  const auto golden = tests::read_golden("start_golden.txt");
  const auto octets = from_hex(golden.at("proof"));
  const auto key_octets = from_hex(golden.at("key"));
  REQUIRE(octets);
  REQUIRE(key_octets);
  SignPublic key{};
  std::copy(key_octets->begin(), key_octets->end(), key.begin());
  const auto proof = decode_start_proof(*octets);
  REQUIRE(proof);
  CHECK(*proof == sample_proof);
  CHECK(verify_start_proof(*octets, *proof, key));
  const auto segment_octets = from_hex(golden.at("later_statements"));
  const auto segment = decode_segment(*segment_octets);
  REQUIRE(segment);
  CHECK(segment->type == SegmentType::later_statements);
  CHECK(verify_segment(*segment, {sample_proof.commune, sample_proof.node}, key));
  const auto statements = decode_statements(segment->payload);
  REQUIRE(statements);
  REQUIRE(statements->size() == 1);
  CHECK(statements->front() == tag_statement(StatementType::start_proof, *octets));
}

TEST_CASE("start proof: every changed octet, every cut and everything longer is refused", "[sync][start_proof]") {
  const SignKeyPair keys = sample_keys();
  const Bytes good = encode_start_proof(sample_proof, keys.secret_key);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 0x10U;
    const auto read = decode_start_proof(bad);
    CHECK_FALSE((read && verify_start_proof(bad, *read, keys.public_key)));
    bad = good;
    bad.resize(i);
    CHECK_FALSE(decode_start_proof(bad));
  }
  Bytes longer = good;
  longer.push_back(0);
  CHECK_FALSE(decode_start_proof(longer));
  Bytes of_no_start = encode_start_proof({sample_proof.commune, sample_proof.node, 0, sample_proof.start}, keys.secret_key);
  CHECK_FALSE(decode_start_proof(of_no_start));
  Bytes of_later_version = good;
  of_later_version[0] = 2;
  REQUIRE_FALSE(decode_start_proof(of_later_version));
  CHECK(decode_start_proof(of_later_version).error().code == Errc::unsupported);
}

TEST_CASE("start proof: what was signed for another purpose is none", "[sync][start_proof]") {
  const SignKeyPair keys = sample_keys();
  const Bytes proof = encode_start_proof(sample_proof, keys.secret_key);
  Bytes as_statement = to_bytes(ByteView(proof).first(start_proof_octets - signature_octets));
  append(as_statement, sign(keys.secret_key, Purpose::statement, sample_proof.commune, {ByteView(as_statement)}));
  const auto read = decode_start_proof(as_statement);
  REQUIRE(read);
  CHECK_FALSE(verify_start_proof(as_statement, *read, keys.public_key));
}
