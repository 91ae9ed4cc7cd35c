#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "sync/base/rng.h"
#include "sync/wire/block.h"
#include "sync/wire/bundle.h"
#include "tests/support/golden.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {
Sealed record_of(Class record_class, Rank rank, std::uint8_t run, std::uint32_t number, Bytes body) {
  Sealed out;
  out.header = {record_class,       rank,  CommuneId::filled(0xc0), NodeId::filled(0xa0), AudienceId::filled(0xe0),
                RunId::filled(run), number};
  out.body = std::move(body);
  return out;
}

/// Two records that share all, one of another rank, one of another run and class.
std::vector<Sealed> sample_records() {
  return {record_of(Class::sealed, Rank::normal, 0xb0, 300, Bytes(20, 0x11)),
          record_of(Class::sealed, Rank::normal, 0xb0, 301, Bytes(16, 0x22)),
          record_of(Class::sealed, Rank::low, 0xb0, 302, Bytes(4, 0x33)),
          record_of(Class::public_record, Rank::urgent, 0xb1, 0, Bytes(3, 0x44))};
}
}  // namespace

TEST_CASE("exchange: blocks and bundles keep their octets", "[sync][block][bundle][golden]") {
  SeededRng rng(1);
  const SignKeyPair keys = make_sign_key(rng);
  BundleWriter writer({CommuneId::filled(0xc0), NodeId::filled(0xa0)}, keys.secret_key);
  const std::vector<Bytes> statements = {Bytes(3, 0x55), Bytes(130, 0x66)};
  const std::map<std::string, Bytes> now = {
      {"block", encode_block(sample_records())},
      {"key", to_bytes(keys.public_key)},
      {"header", writer.header()},
      {"records", writer.records(sample_records())},
      {"statements", writer.statements(statements)},
      {"chunk", writer.chunk({FileId::filled(0xf0), 1, 258}, Bytes(5, 0x77))},
      {"request", writer.request(Bytes(6, 0x88))},
  };
  const auto golden = tests::read_golden("exchange_golden.txt");
  REQUIRE(golden.size() == now.size());
  for (const auto& [name, octets] : now) {
    INFO(name);
    REQUIRE(golden.at(name) == to_hex(octets));
  }
}

TEST_CASE("exchange: the golden octets decode to what they say", "[sync][block][bundle][golden]") {
  const auto golden = tests::read_golden("exchange_golden.txt");
  const auto octets_of = [&](const char* name) { return *from_hex(golden.at(name)); };
  REQUIRE(*decode_block(octets_of("block"), CommuneId::filled(0xc0)) == sample_records());
  Bytes bundle;
  for (const char* const name : {"header", "records", "statements", "chunk", "request"}) {
    append(bundle, octets_of(name));
  }
  const auto source = [&](std::uint64_t offset, std::size_t octets) -> Result<Bytes> {
    const ByteView rest = ByteView(bundle).subspan(static_cast<std::size_t>(offset));
    return to_bytes(rest.first(std::min(octets, rest.size())));
  };
  auto reader = BundleReader::open(source, bundle.size());
  REQUIRE(reader.has_value());
  const Bytes key_octets = octets_of("key");
  SignPublic key{};
  std::copy(key_octets.begin(), key_octets.end(), key.begin());
  const auto records = *reader->next();
  REQUIRE(verify_segment(*records, reader->header(), key));
  REQUIRE(*decode_block(records->payload, reader->header().commune) == sample_records());
  REQUIRE(verify_segment(**reader->next(), reader->header(), key));
  REQUIRE(decode_chunk((*reader->next())->payload)->place == ChunkPlace{FileId::filled(0xf0), 1, 258});
  REQUIRE((*reader->next())->payload.size() == 6);
  REQUIRE_FALSE((*reader->next()).has_value());
}
