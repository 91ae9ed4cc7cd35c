// What a node counts as taken in already, and as standing on a stick.
#include "sync/files/file_intake.h"
#include "sync/wire/segment.h"
#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

sync::BundleFile file_of(std::string_view name, const Bytes& octets) {
  return {name, octets.size(), sync::hash_id<sync::BundleHash>(octets)};
}

sync::BundleContent take(TestNode& node, std::string_view name, const Bytes& octets) {
  const auto source = [&](std::uint64_t at, std::size_t count) -> Result<Bytes> {
    const ByteView rest = ByteView(octets).subspan(std::min<std::size_t>(octets.size(), at));
    return to_bytes(rest.first(std::min(count, rest.size())));
  };
  auto reader = sync::BundleReader::open(source, octets.size());
  REQUIRE(reader);
  sync::Courier courier(*node.replica);
  auto content = courier.take_in(*reader, file_of(name, octets), [&] { return node.replica->begin(node.now); });
  REQUIRE(content);
  return std::move(*content);
}
bool knows(TestNode& node, std::string_view name, const Bytes& octets) {
  auto txn = node.replica->read();
  sync::Courier courier(*node.replica);
  const auto known = courier.knows(**txn, file_of(name, octets));
  REQUIRE(known);
  return *known;
}
bool may_know(TestNode& node, std::string_view name, const Bytes& octets) {
  auto txn = node.replica->read();
  return *sync::KnownBundles::may_know(**txn, file_of(name, octets));
}

/// As long as another bundle, with its writer in the header, and nothing that a key was needed for.
Bytes keyless_like(const Bytes& bundle) {
  Bytes out = to_bytes(ByteView(bundle).first(sync::bundle_header_octets));
  const auto header = sync::decode_bundle_header(out);
  const Bytes rest(bundle.size() - out.size() - sync::segment_head_octets, 0);
  append(out, sync::frame_segment(static_cast<sync::SegmentType>(77), **header, {rest}));
  REQUIRE(out.size() == bundle.size());
  return out;
}

/// In another writer's name, with a segment that reads well and proves nothing.
Bytes of_nobody(const Bytes& bundle, const TestNode& commune) {
  const auto header = sync::decode_bundle_header(ByteView(bundle).first(sync::bundle_header_octets));
  SeededRng nobody(77);
  const sync::SignKeyPair key = sync::make_sign_key(nobody);
  sync::BundleWriter writer(**header, key.secret_key);
  const std::vector<Bytes> roster{
      sync::tag_statement(sync::StatementType::roster, commune.replica->roster().statements().begin()->second)};
  Bytes out = writer.header();
  append(out, writer.statements(roster));
  return out;
}

}  // namespace

TEST_CASE("courier: taken in already goes by the hash of the whole file, once its writer proved something in it",
          "[sync][courier][regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  Stick stick;
  sync_stick(pair.hamlet, stick);
  REQUIRE(stick.size() == 1);
  const auto& [name, honest] = *stick.begin();
  const Bytes junk = keyless_like(honest);
  CHECK_FALSE(take(pair.commune, name, junk).proved);
  CHECK_FALSE(may_know(pair.commune, name, junk));
  CHECK_FALSE(knows(pair.commune, name, honest));
  // What is whole and yet under nobody's signature may be taken in another time, when its writer is known here.
  const Bytes unproved = of_nobody(honest, pair.commune);
  const sync::BundleContent content = take(pair.commune, name, unproved);
  CHECK_FALSE(content.proved);
  CHECK_FALSE(content.damaged);
  CHECK_FALSE(knows(pair.commune, name, unproved));
  CHECK(take(pair.commune, name, honest).proved);
  CHECK(pair.commune.list().size() == 1);
  CHECK(may_know(pair.commune, name, junk));  // a hint
  CHECK_FALSE(knows(pair.commune, name, junk));
  CHECK(knows(pair.commune, name, honest));
  // One octet more, or another, is another file.
  Bytes longer = honest;
  longer.push_back(0);
  CHECK_FALSE(knows(pair.commune, name, longer));
  Bytes changed = honest;
  changed.back() ^= 1U;
  CHECK_FALSE(knows(pair.commune, name, changed));
}

TEST_CASE("courier: other chunks under this node's name do not count as standing on the stick", "[sync][courier][regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  // A photo of the hamlet's, on the stick.
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto prepared, pair.hamlet.replica->reader().submissions().prepare(
                                       batch.txn, view_of(test_submission(uuid(1), "An", "giay.jpg"))));
    sync::FileIntake intake(pair.hamlet.rng);
    Bytes photo(150'000);
    pair.hamlet.rng.fill(photo);
    KHUOI_TRY_VOID(intake.add(batch, photo));
    KHUOI_TRY(const auto facts, intake.finish(batch, "giay.jpg", "image/jpeg"));
    KHUOI_TRY_VOID(pair.hamlet.replica->intake().submit(batch, prepared, {facts}));
    return {};
  });
  Stick stick;
  sync_stick(pair.hamlet, stick);
  REQUIRE(stick.size() == 1);
  const sync::BundleContent real = take(pair.hamlet, stick.begin()->first, stick.begin()->second);
  REQUIRE(real.chunks.size() == 1);
  const auto& [file, levels] = *real.chunks.begin();
  // Another stick claims to hold all of it already.
  const sync::SignKeyPair nobody = sync::make_sign_key(pair.commune.rng);
  sync::BundleWriter forged(real.header, nobody.secret_key);
  Bytes octets = forged.header();
  for (std::size_t level = 0; level < levels.size(); ++level) {
    for (const auto& [first, last] : levels[level].ranges()) {
      for (std::uint32_t index = first; index <= last; ++index) {
        append(octets, forged.chunk({file, static_cast<std::uint8_t>(level), index}, Bytes(500, 3)));
      }
    }
  }
  const sync::BundleContent claimed = take(pair.hamlet, "00000000000000aa", octets);
  CHECK(claimed.damaged);
  CHECK(claimed.chunks.empty());
  Stick other{{"00000000000000aa", octets}};
  sync_stick(pair.hamlet, other);
  sync_stick(pair.commune, other);
  const auto entries = pair.commune.list();
  REQUIRE(entries.size() == 1);
  REQUIRE(entries.front().attachments);
  CHECK(entries.front().attachments->have == 1);
}
