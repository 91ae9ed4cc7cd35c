// What one contact gives, whatever its tempo.
#include "sync/contact/giver.h"

#include "sync/contact/taker.h"
#include "tests/sync/hostile_support.h"
#include "tests/sync/photo_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;
using sync::ChunkPlace;
using sync::FileId;

namespace {
/// Everything on the load, in the order that it goes.
std::vector<ChunkPlace> chunks_given(TestNode& node, sync::Giver& giver, sync::Load load, sync::Given& given) {
  const auto txn = node.replica->read();
  std::vector<ChunkPlace> out;
  for (;;) {
    const auto chunk = giver.next_chunk(**txn, load, given);
    REQUIRE(chunk);
    if (!*chunk) return out;
    giver.gave((*chunk)->first, given);
    out.push_back((*chunk)->first);
  }
}

sync::Load planned(TestNode& node, const sync::Giver& giver, const sync::Given& given) {
  const auto txn = node.replica->read();
  auto load = giver.plan(**txn, {node.replica->self().commune_node}, given, false);
  REQUIRE(load);
  return *load;
}
}  // namespace

TEST_CASE("giver: peers take turns with their files, and a chunk that several lack goes once", "[sync][contact]") {
  MetPair pair;
  submit_photo(pair.hamlet, 1);
  submit_photo(pair.hamlet, 2);
  sync::Giver giver(*pair.hamlet.replica, sync::Path::stick);
  sync::Load load = planned(pair.hamlet, giver, {});
  REQUIRE(load.files.size() == 1);
  REQUIRE(load.files.front().files.size() == 2);
  const FileId first = load.files[0].files[0].row.file;
  const FileId second = load.files[0].files[1].row.file;
  load.files.push_back({{load.files[0].files[1]}, {}});  // a second peer, that lacks the second file only
  sync::Given given;
  const auto places = chunks_given(pair.hamlet, giver, load, given);
  REQUIRE(places.size() == 8);  // three leaves and a root of either
  for (std::size_t i = 0; i < places.size(); ++i) CHECK(places[i].file == (i % 2 == 0 ? first : second));
  CHECK(std::set<ChunkPlace>(places.begin(), places.end()).size() == places.size());
  CHECK(given.counts.attachments_out == 2);
}

TEST_CASE("giver: what was given is not planned again, and what was not is", "[sync][contact]") {
  MetPair pair;
  submit_photo(pair.hamlet, 1);
  sync::Giver giver(*pair.hamlet.replica, sync::Path::fiber);
  sync::Given given;
  const sync::Load all = planned(pair.hamlet, giver, given);
  REQUIRE(all.records.size() > 1);
  REQUIRE(chunks_given(pair.hamlet, giver, all, given).size() == 4);
  const sync::Load rest = planned(pair.hamlet, giver, given);
  CHECK(rest.files.empty());
  CHECK(rest.records.size() == all.records.size());
  for (const sync::Candidate& one : all.records) sync::Giver::gave(one, given);
  CHECK(planned(pair.hamlet, giver, given).empty());
}

TEST_CASE("giver: own records count as sent once the peer has committed them, and people are told once", "[sync][contact]") {
  MetPair pair;
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  const NodeId commune = pair.commune.replica->self().node;
  sync::Giver giver(*pair.hamlet.replica, sync::Path::radio);
  sync::Given given;
  for (const sync::Candidate& one : planned(pair.hamlet, giver, given).records) sync::Giver::gave(one, given);
  const auto taken = [&](bool all) {
    pair.hamlet.work([&](sync::Batch& batch) { return giver.note_taken(batch, commune, given, all); });
  };
  taken(false);  // no receipt names them
  CHECK(pair.hamlet.list().front().state == "saved");
  taken(true);
  taken(true);
  CHECK(pair.hamlet.list().front().state == "sent");
  std::vector<sync::Ref> refs;
  for (const auto& [key, numbers] : given.records) {
    for (const auto& [low, high] : numbers.ranges()) {
      for (std::uint32_t number = low; number <= high; ++number) refs.push_back({key.author, key.run, number});
    }
  }
  const auto txn = pair.hamlet.replica->read();
  const auto passages = sync::Passages::of(**txn, refs);
  REQUIRE(passages);
  REQUIRE(passages->size() == 1);
  CHECK(passages->front().path == sync::Path::radio);
}

TEST_CASE("taker: by whatever path, a statement for another box ends custody, and its segment is kept for the commune",
          "[sync][contact]") {
  ReplicaPair pair;
  TestNode other(sync::Role::hamlet, "Nà Lay", 3);
  pair.join(other);
  talk(pair.hamlet, pair.commune);
  talk(other, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  Stick stick;
  sync_stick(pair.hamlet, stick);
  const Bytes& bundle = stick.begin()->second;
  const auto source = [&](std::uint64_t at, std::size_t count) -> Result<Bytes> {
    const ByteView rest = ByteView(bundle).subspan(std::min<std::size_t>(bundle.size(), at));
    return to_bytes(rest.first(std::min(count, rest.size())));
  };
  auto reader = sync::BundleReader::open(source, bundle.size());
  REQUIRE(reader);
  sync::Taker taker(*other.replica, sync::Path::radio);
  for (auto segment = reader->next(); segment && *segment; segment = reader->next()) {
    if ((*segment)->type != sync::SegmentType::records) continue;
    other.work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(const bool kept, taker.carried(batch, **segment));
      CHECK(kept);
      return {};
    });
  }
  const auto kept = [&] {
    const auto txn = other.replica->read();
    return sync::Custody::names(**txn)->size();
  };
  CHECK(kept() == 1);
  CHECK(taker.counts().carried_in == 1);
  talk(pair.hamlet, pair.commune);
  const Bytes told = sync::tag_statement(sync::StatementType::holdings,
                                         statement_of(pair.commune, pair.hamlet, sync::Receipts::Lists::more));
  other.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(taker.statement(batch, told, {}));
    return {};
  });
  CHECK(kept() == 0);
}
