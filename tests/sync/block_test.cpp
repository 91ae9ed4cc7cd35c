#include "sync/wire/block.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "sync/base/rng.h"
#include "tests/support/seed.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {
const CommuneId block_commune = CommuneId::filled(0xc0);

Sealed record_of(std::uint8_t author, Class record_class, Rank rank, std::uint32_t number, std::size_t octets) {
  Sealed out;
  out.header.record_class = record_class;
  out.header.rank = rank;
  out.header.commune = block_commune;
  out.header.author = NodeId::filled(author);
  out.header.audience = AudienceId::filled(0xa0);
  out.header.run = RunId::filled(0xb0);
  out.header.number = number;
  out.body.assign(octets, static_cast<std::uint8_t>(number));
  return out;
}

Sealed random_record(Rng& rng) {
  const auto record_class = static_cast<Class>(rng.below(3));
  const bool near_end = rng.below(20) == 0;
  const auto number = static_cast<std::uint32_t>(near_end ? 0xffffffffU - rng.below(3) : rng.below(6));
  const std::size_t unit = record_class == Class::sealed ? 4 : 1;
  Sealed out = record_of(static_cast<std::uint8_t>(rng.below(2)), record_class, static_cast<Rank>(rng.below(2)), number,
                         unit * rng.below(rng.below(10) == 0 ? 1000 : 40));
  rng.fill(out.body);
  return out;
}

std::size_t cost_of(const std::vector<Sealed>& records) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    out += i == 0 ? block_cost(records[i]) : block_cost(records[i], records[i - 1]);
  }
  return out;
}

/// One group as FORMATS.md draws it, written out by hand.
Bytes group(std::uint8_t flags, bool feed, std::uint8_t class_of_group, std::uint64_t first, std::uint64_t count,
            ByteView rest) {
  Bytes out;
  Writer to(out);
  to.u8(flags);
  if (feed) to.raw(NodeId::filled(1).view()).raw(AudienceId::filled(0xa0).view()).raw(RunId::filled(0xb0).view());
  to.u8(class_of_group).varint(first).varint(count).raw(rest);
  return out;
}
const std::uint8_t public_normal = class_octet(Class::public_record, Rank::normal);
Errc error_of(ByteView octets) {
  const auto out = decode_block(octets, block_commune);
  return out ? Errc::io : out.error().code;
}
}  // namespace

TEST_CASE("block: no records are no octets", "[sync][block]") {
  REQUIRE(encode_block({}).empty());
  REQUIRE(decode_block({}, block_commune)->empty());
}

TEST_CASE("block: a run of short sealed records costs one octet each beside its body", "[sync][block]") {
  std::vector<Sealed> records;
  for (std::uint32_t i = 0; i < 500; ++i) records.push_back(record_of(1, Class::sealed, Rank::normal, 7 + i, 80));
  const Bytes block = encode_block(records);
  REQUIRE(block.size() == 1 + 24 + 1 + 1 + 2 + 500 * (1 + 80));
  REQUIRE(*decode_block(block, block_commune) == records);
}

TEST_CASE("block: any records in any order come back as they were", "[sync][block]") {
  const std::uint64_t seed = tests::seed_of_run(20'261'122);
  INFO("seed=" << seed);
  SeededRng rng(seed);
  for (int round = 0; round < 500; ++round) {
    std::vector<Sealed> records(rng.below(60));
    for (Sealed& record : records) record = random_record(rng);
    const Bytes block = encode_block(records);
    const auto decoded = decode_block(block, block_commune);
    REQUIRE(decoded.has_value());
    REQUIRE(*decoded == records);
    REQUIRE(block.size() <= cost_of(records));
  }
}

TEST_CASE("block: a cut anywhere is refused or gives whole groups only", "[sync][block]") {
  SeededRng rng(7);
  std::vector<Sealed> records(40);
  for (Sealed& record : records) record = random_record(rng);
  const Bytes block = encode_block(records);
  for (std::size_t octets = 0; octets < block.size(); ++octets) {
    const auto decoded = decode_block(ByteView(block).first(octets), block_commune);
    if (decoded) {
      REQUIRE(decoded->size() < records.size());
      REQUIRE(std::equal(decoded->begin(), decoded->end(), records.begin()));
    }
  }
}

TEST_CASE("block: what a flipped bit still lets decode has just that one encoding", "[sync][block]") {
  SeededRng rng(8);
  std::vector<Sealed> records(30);
  for (Sealed& record : records) record = random_record(rng);
  const Bytes block = encode_block(records);
  for (std::size_t bit = 0; bit < block.size() * 8; ++bit) {
    Bytes flipped = block;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
    const auto decoded = decode_block(flipped, block_commune);
    if (decoded) REQUIRE(encode_block(*decoded) == flipped);
  }
}

TEST_CASE("block: octets that no encoder writes are refused", "[sync][block]") {
  const Bytes two = {1, 'a', 1, 'b'};
  const Bytes one = {1, 'a'};
  Bytes good = group(1, true, public_normal, 5, 2, two);
  REQUIRE(decode_block(good, block_commune)->size() == 2);

  const auto then = [&](const Bytes& next) {
    Bytes out = good;
    append(out, next);
    return out;
  };
  REQUIRE(decode_block(then(group(0, false, public_normal, 8, 1, one)), block_commune)->size() == 3);
  CHECK(error_of(group(0, false, public_normal, 5, 2, two)) == Errc::malformed);        // no feed yet
  CHECK(error_of(group(3, true, public_normal, 5, 2, two)) == Errc::malformed);         // unknown flag
  CHECK(error_of(group(1, true, 0x13, 5, 2, two)) == Errc::malformed);                  // unknown class
  CHECK(error_of(group(1, true, public_normal, 5, 0, {})) == Errc::malformed);          // no records
  CHECK(error_of(then(group(1, true, public_normal, 9, 1, one))) == Errc::malformed);   // the same feed again
  CHECK(error_of(then(group(0, false, public_normal, 7, 1, one))) == Errc::malformed);  // belongs to the first group
  Bytes padded = good;
  padded[26] = 0x85;  // the first number, 5, as a varint of two octets
  padded.insert(padded.begin() + 27, 0);
  CHECK(error_of(padded) == Errc::malformed);
}

TEST_CASE("block: numbers and lengths past their limits are refused before anything is made of them", "[sync][block]") {
  const Bytes two = {1, 'a', 1, 'b'};
  const std::uint8_t sealed = class_octet(Class::sealed, Rank::low);
  REQUIRE(decode_block(group(1, true, public_normal, 0xfffffffe, 2, two), block_commune)->back().header.number == 0xffffffff);
  CHECK(error_of(group(1, true, public_normal, 0xffffffff, 2, two)) == Errc::malformed);
  CHECK(error_of(group(1, true, public_normal, ~std::uint64_t{0}, 2, two)) == Errc::malformed);
  CHECK(error_of(group(1, true, public_normal, 0, block_records_max + 1, two)) == Errc::too_large);
  CHECK(error_of(group(1, true, public_normal, 0, ~std::uint64_t{0}, two)) == Errc::too_large);
  Bytes body;
  Writer(body).varint(body_octets_max + 1).raw(Bytes(body_octets_max + 1));
  CHECK(error_of(group(1, true, public_normal, 0, 1, body)) == Errc::too_large);
  body.clear();
  Writer(body).varint(std::uint64_t{1} << 62U);  // times four is nothing in 64 bits
  CHECK(error_of(group(1, true, sealed, 0, 1, body)) == Errc::too_large);
}

TEST_CASE("block: more records than a block may hold are refused across groups", "[sync][block]") {
  Bytes block = group(1, true, public_normal, 0, block_records_max, Bytes(block_records_max));
  REQUIRE(decode_block(block, block_commune)->size() == block_records_max);
  append(block, group(0, false, public_normal, 0, 1, Bytes(1)));
  CHECK(error_of(block) == Errc::too_large);
}

TEST_CASE("block: the largest body passes", "[sync][block]") {
  const std::vector<Sealed> records = {record_of(1, Class::public_record, Rank::urgent, 3, body_octets_max)};
  const Bytes block = encode_block(records);
  REQUIRE(block.size() <= block_cost(records[0]));
  REQUIRE(*decode_block(block, block_commune) == records);
}
