#include "sync/wire/bundle.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "sync/base/rng.h"
#include "sync/wire/block.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {
BundleReader::Source source_of(const Bytes& bundle) {
  return [&bundle](std::uint64_t offset, std::size_t asked) -> Result<Bytes> {
    const auto from = static_cast<std::size_t>(std::min<std::uint64_t>(offset, bundle.size()));
    return to_bytes(ByteView(bundle).subspan(from, std::min(asked, bundle.size() - from)));
  };
}

/// A writer with its key, and a bundle of everything it can write.
struct Sample {
  explicit Sample(std::uint64_t seed) : rng(seed), keys(make_sign_key(rng)) {
    header = {CommuneId::filled(0xc1), hash_of_key()};
    records = {make_record(1, 100), make_record(2, 60), make_record(3, 80)};
    statements = {Bytes(90, 1), Bytes(200, 2)};
    chunk.resize(300);
    rng.fill(chunk);
    const std::vector<Bytes> parts = {
        write().header(),       write().records(records), write().statements(statements), write().chunk(place, chunk),
        write().request(chunk), write().records(records)};
    for (const Bytes& part : parts) {
      starts.push_back(bundle.size());
      append(bundle, part);
    }
  }
  NodeId hash_of_key() const { return *NodeId::from(ByteView(keys.public_key).first(8)); }
  BundleWriter write() const { return {header, keys.secret_key}; }
  Sealed make_record(std::uint32_t number, std::size_t octets) {
    Sealed out;
    out.header.commune = CommuneId::filled(0xc1);
    out.header.author = NodeId::filled(0xa1);
    out.header.number = number;
    out.body.resize(octets);
    rng.fill(out.body);
    return out;
  }

  SeededRng rng;
  SignKeyPair keys;
  BundleHeader header;
  std::vector<Sealed> records;
  std::vector<Bytes> statements;
  ChunkPlace place{FileId::filled(0xf1), 1, 77};
  Bytes chunk;
  std::vector<std::size_t> starts;  ///< of the header and the five segments
  Bytes bundle;
};

struct TakenSegment {
  SegmentType type;
  std::uint64_t offset;
  Bytes whole;
  bool authentic;
};
struct Reading {
  BundleHeader header;
  std::vector<TakenSegment> segments;
  std::uint64_t skipped = 0;
};
Result<Reading> read_all(const Bytes& bundle, const SignPublic& key) {
  KHUOI_TRY(BundleReader reader, BundleReader::open(source_of(bundle), bundle.size()));
  Reading out{reader.header(), {}, 0};
  for (;;) {
    KHUOI_TRY(const auto segment, reader.next());
    if (!segment) break;
    out.segments.push_back(
        {segment->type, segment->offset, to_bytes(segment->whole), verify_segment(*segment, reader.header(), key)});
  }
  out.skipped = reader.octets_skipped();
  return out;
}
bool is_signed(SegmentType type) { return type == SegmentType::records || type == SegmentType::statements; }
}  // namespace

TEST_CASE("bundle: what was written is read in order", "[sync][bundle]") {
  const Sample sample(1);
  auto reader = BundleReader::open(source_of(sample.bundle), sample.bundle.size());
  REQUIRE(reader.has_value());
  REQUIRE(reader->header() == sample.header);

  auto segment = *reader->next();
  REQUIRE(segment->type == SegmentType::records);
  REQUIRE(verify_segment(*segment, reader->header(), sample.keys.public_key));
  REQUIRE(*decode_block(segment->payload, sample.header.commune) == sample.records);
  segment = *reader->next();
  REQUIRE(segment->type == SegmentType::statements);
  REQUIRE(verify_segment(*segment, reader->header(), sample.keys.public_key));
  REQUIRE(*decode_statements(segment->payload) == sample.statements);
  segment = *reader->next();
  REQUIRE(segment->type == SegmentType::chunk);
  const auto chunk = decode_chunk(segment->payload);
  REQUIRE(chunk->place == sample.place);
  REQUIRE(equal(chunk->octets, sample.chunk));
  segment = *reader->next();
  REQUIRE(segment->type == SegmentType::request);
  REQUIRE(equal(segment->payload, sample.chunk));
  REQUIRE((*reader->next())->type == SegmentType::records);
  REQUIRE_FALSE((*reader->next()).has_value());
  REQUIRE(reader->octets_skipped() == 0);
}

TEST_CASE("bundle: records are cut into segments that third parties can carry", "[sync][bundle]") {
  Sample sample(2);
  std::vector<Sealed> records;
  for (std::uint32_t i = 0; i < 3000; ++i) records.push_back(sample.make_record(i, 80));
  records.push_back(sample.make_record(9000, body_octets_max - 64));
  records.push_back(sample.make_record(9001, 80));
  Bytes bundle = sample.write().header();
  append(bundle, sample.write().records(records));
  std::vector<std::size_t> sizes;
  std::vector<Sealed> back;
  auto reader = BundleReader::open(source_of(bundle), bundle.size());
  for (;;) {
    const auto segment = *reader->next();
    if (!segment) break;
    REQUIRE(verify_segment(*segment, reader->header(), sample.keys.public_key));
    sizes.push_back(segment->payload.size());
    const auto part = decode_block(segment->payload, sample.header.commune);
    back.insert(back.end(), part->begin(), part->end());
  }
  REQUIRE(back == records);
  REQUIRE(sizes.size() == 6);  // 4 of small ones, one large, one small
  for (std::size_t i = 0; i < sizes.size(); ++i) REQUIRE((i == 4 || sizes[i] <= segment_payload_aim));
  for (std::size_t i = 0; i < 3; ++i) REQUIRE(sizes[i] > segment_payload_aim - 200);  // filled, but for a record
  REQUIRE(sample.write().records({}).empty());
}

TEST_CASE("bundle: statements are cut likewise, and the largest passes", "[sync][bundle]") {
  const Sample sample(3);
  std::vector<Bytes> statements(1000, Bytes(150, 7));
  statements.emplace_back(body_octets_max, std::uint8_t{8});
  Bytes bundle = sample.write().header();
  append(bundle, sample.write().statements(statements));
  std::vector<Bytes> back;
  auto reader = BundleReader::open(source_of(bundle), bundle.size());
  std::size_t segments = 0;
  for (;; ++segments) {
    const auto segment = *reader->next();
    if (!segment) break;
    const auto part = decode_statements(segment->payload);
    back.insert(back.end(), part->begin(), part->end());
  }
  REQUIRE(back == statements);
  REQUIRE(segments == 4);
}

TEST_CASE("bundle: any flipped bit costs its own segment and no other", "[sync][bundle]") {
  const Sample sample(4);
  const auto whole = read_all(sample.bundle, sample.keys.public_key);
  REQUIRE(whole->segments.size() == 5);
  for (std::size_t bit = 0; bit < sample.bundle.size() * 8; ++bit) {
    Bytes damaged = sample.bundle;
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << (bit % 8)));
    const auto read = read_all(damaged, sample.keys.public_key);
    INFO("bit " << bit);
    REQUIRE(read.has_value());
    REQUIRE(read->header == sample.header);
    const bool header_hit = bit / 8 < bundle_header_octets;
    REQUIRE(read->segments.size() == (header_hit ? 5 : 4));
    REQUIRE(read->skipped > 0);
    for (const TakenSegment& taken : read->segments) {
      const auto same = [&](const TakenSegment& other) { return other.offset == taken.offset && other.whole == taken.whole; };
      REQUIRE(std::any_of(whole->segments.begin(), whole->segments.end(), same));
      REQUIRE(taken.authentic == is_signed(taken.type));
    }
  }
}

TEST_CASE("bundle: a cut anywhere leaves every segment before it", "[sync][bundle]") {
  const Sample sample(5);
  for (std::size_t octets = 0; octets < sample.bundle.size(); ++octets) {
    const Bytes cut(sample.bundle.begin(), sample.bundle.begin() + static_cast<std::ptrdiff_t>(octets));
    const auto read = read_all(cut, sample.keys.public_key);
    INFO("cut at " << octets);
    if (octets < bundle_header_octets) {
      REQUIRE(read.error().code == Errc::malformed);
      continue;
    }
    const auto whole_before = std::upper_bound(sample.starts.begin(), sample.starts.end(), octets);
    const auto segments = static_cast<std::size_t>(whole_before - sample.starts.begin()) - 2;  // header; the cut one
    REQUIRE(read->segments.size() == segments);
    REQUIRE(read->skipped == octets - *(whole_before - 1));
    // The same when the file was said to be longer than it turns out.
    auto reader = BundleReader::open(source_of(cut), sample.bundle.size());
    std::size_t found = 0;
    while (*reader->next()) ++found;
    REQUIRE(found == segments);
    REQUIRE(reader->octets_skipped() == read->skipped);
  }
}

TEST_CASE("bundle: octets that went missing or came in between cost no other segment", "[sync][bundle]") {
  const std::uint64_t seed = 6;
  INFO("seed=" << seed);
  Sample sample(seed);
  for (int round = 0; round < 2000; ++round) {
    Bytes damaged = sample.bundle;
    const auto at =
        static_cast<std::ptrdiff_t>(bundle_header_octets + sample.rng.below(damaged.size() - bundle_header_octets));
    std::size_t lost = 1;
    if (round % 2 == 0) {
      Bytes junk(1 + sample.rng.below(300));
      sample.rng.fill(junk);
      const bool between = std::count(sample.starts.begin(), sample.starts.end(), static_cast<std::size_t>(at)) != 0;
      if (between) lost = 0;
      damaged.insert(damaged.begin() + at, junk.begin(), junk.end());
    } else {
      const auto gap = std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(1 + sample.rng.below(100)),
                                                static_cast<std::ptrdiff_t>(damaged.size()) - at);
      const auto touched = std::count_if(sample.starts.begin(), sample.starts.end(), [&](std::size_t start) {
        return start > static_cast<std::size_t>(at) && start < static_cast<std::size_t>(at + gap);
      });
      lost += static_cast<std::size_t>(touched);
      damaged.erase(damaged.begin() + at, damaged.begin() + at + gap);
    }
    const auto read = read_all(damaged, sample.keys.public_key);
    REQUIRE(read.has_value());
    REQUIRE(read->segments.size() == 5 - lost);
  }
}

TEST_CASE("bundle: a segment with right checksums and a wrong writer does not verify", "[sync][bundle]") {
  const Sample sample(7);
  const Sample other(8);
  Bytes bundle = sample.write().header();
  append(bundle, BundleWriter(sample.header, other.keys.secret_key).records(sample.records));  // another's key
  append(bundle, other.write().records(sample.records));                                       // another's segment
  BundleHeader foreign = sample.header;
  foreign.commune = CommuneId::filled(0xc2);
  append(bundle, BundleWriter(foreign, sample.keys.secret_key).statements(sample.statements));  // another commune
  auto reader = BundleReader::open(source_of(bundle), bundle.size());
  auto segment = *reader->next();
  REQUIRE(!verify_segment(*segment, reader->header(), sample.keys.public_key));
  segment = *reader->next();
  REQUIRE(!verify_segment(*segment, reader->header(), sample.keys.public_key));
  REQUIRE(!verify_segment(*segment, reader->header(), other.keys.public_key));
  REQUIRE(verify_segment(*segment, segment->from, other.keys.public_key));  // carried for another
  segment = *reader->next();
  REQUIRE(!verify_segment(*segment, reader->header(), sample.keys.public_key));
  REQUIRE_FALSE((*reader->next()).has_value());
}

TEST_CASE("bundle: a records segment cannot pass as statements", "[sync][bundle]") {
  const Sample sample(9);
  auto reader = BundleReader::open(source_of(sample.bundle), sample.bundle.size());
  Segment segment = **reader->next();
  segment.type = SegmentType::statements;
  REQUIRE(!verify_segment(segment, reader->header(), sample.keys.public_key));
}

TEST_CASE("bundle: foreign octets are no bundle, a later version says so", "[sync][bundle]") {
  const SignPublic key{};
  REQUIRE(read_all({}, key).error().code == Errc::malformed);
  REQUIRE(read_all(to_bytes(view_of("a letter somebody keeps on the stick")), key).error().code == Errc::malformed);
  REQUIRE(read_all(Bytes(3'000'000), key).error().code == Errc::malformed);
  const Bytes later = *from_hex("4b48554f49424e02c1c1c1c1c1c1c1c1a1a1a1a1a1a1a1a1365afd3c");
  REQUIRE(read_all(later, key).error().code == Errc::unsupported);
}

TEST_CASE("bundle: a large foreign file is not read to its end", "[sync][bundle]") {
  std::uint64_t given = 0;
  const auto zeros = [&given](std::uint64_t, std::size_t octets) -> Result<Bytes> {
    given += octets;
    return Bytes(octets);
  };
  REQUIRE(BundleReader::open(zeros, std::uint64_t{1} << 40U).error().code == Errc::malformed);
  REQUIRE(given < 8U << 20U);
}

TEST_CASE("bundle: a bundle made of heads that promise much is read in linear time", "[sync][bundle]") {
  const Sample sample(10);
  // Heads of segments of 40,000 octets each, none with a right body, one after the other.
  const Bytes one = sample.write().chunk(sample.place, Bytes(40'000));
  Bytes bundle = sample.write().header();
  while (bundle.size() < 2'000'000) append(bundle, ByteView(one).first(segment_head_octets));
  append(bundle, sample.write().request(sample.chunk));
  std::uint64_t given = 0;
  const auto source = [&](std::uint64_t offset, std::size_t octets) {
    auto out = source_of(bundle)(offset, octets);
    given += out->size();
    return out;
  };
  auto reader = BundleReader::open(source, bundle.size());
  REQUIRE((*reader->next()).has_value());
  REQUIRE_FALSE((*reader->next()).has_value());
  REQUIRE(given < 8 * bundle.size());
}

TEST_CASE("bundle: the source's failure is passed on", "[sync][bundle]") {
  const auto broken = [](std::uint64_t, std::size_t) -> Result<Bytes> { return fail(Errc::io, "stick pulled"); };
  REQUIRE(BundleReader::open(broken, 100).error().code == Errc::io);
}

TEST_CASE("bundle: statements and chunks that end early or are oversized are refused", "[sync][bundle]") {
  Bytes statements;
  Writer(statements).counted(Bytes(10, 1)).counted(Bytes(20, 2));
  REQUIRE(decode_statements(statements)->size() == 2);
  for (std::size_t octets = 1; octets < statements.size(); ++octets) {
    const auto cut = decode_statements(ByteView(statements).first(octets));
    if (octets == 11) REQUIRE(cut->size() == 1);
    if (octets != 11) REQUIRE(cut.error().code == Errc::malformed);
  }
  REQUIRE(decode_statements(Bytes{0}).error().code == Errc::malformed);
  Bytes large;
  Writer(large).varint(body_octets_max + 1);
  REQUIRE(decode_statements(large).error().code == Errc::too_large);
  Bytes many;
  for (std::size_t i = 0; i <= statements_max; ++i) Writer(many).counted(Bytes(1));
  REQUIRE(decode_statements(many).error().code == Errc::too_large);
  for (std::size_t octets = 0; octets <= 21; ++octets) {
    REQUIRE(decode_chunk(Bytes(octets)).error().code == Errc::malformed);
  }
  REQUIRE(decode_chunk(Bytes(22))->octets.size() == 1);
}
