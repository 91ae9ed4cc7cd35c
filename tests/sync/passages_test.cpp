#include <limits>

#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;
using sync::Passages;
using sync::Path;
using PassageKind = sync::Passages::Kind;

namespace {

const std::string id_a = "11111111-1111-4111-8111-111111111111";
const std::string id_b = "22222222-2222-4222-8222-222222222222";

/// What the hamlet knows of its only dossier's way.
std::vector<Passages::Passage> way(TestNode& node) {
  node.unlock();
  auto txn = node.replica->read();
  const auto entries = node.replica->views().list(**txn);
  REQUIRE(entries);
  REQUIRE(entries->size() == 1);
  const auto key = node.replica->views().resolve(**txn, entries->front().id.hex());
  REQUIRE(key);
  const auto detail = node.replica->views().detail(**txn, *key);
  INFO((detail ? std::string() : detail.error().what));
  REQUIRE(detail);
  std::vector<Passages::Passage> out;
  for (const sync::DossierPassage& one : detail->passages) out.push_back(one.what);
  return out;
}

std::size_t rows(TestNode& node) {
  std::size_t out = 0;
  auto txn = node.replica->read();
  const Bytes passages{static_cast<std::uint8_t>(sync::Note::passage)};
  REQUIRE(sync::scan_prefix(**txn, sync::Table::note, passages, [&](ByteView, ByteView) { ++out; }));
  return out;
}

/// The hamlet knows the form, and nothing is under way.
void settle(ReplicaPair& pair) {
  for (int i = 0; i < 3; ++i) talk(pair.hamlet, pair.commune);
}

}  // namespace

TEST_CASE("passages: a dossier's way by stick has the time it was written and the time its receipt came", "[sync][passages]") {
  ReplicaPair pair;
  settle(pair);
  pair.hamlet.start();  // without a live answer since this start, the time is the box's own
  pair.hamlet.submit(test_submission(id_a, "Mỷ"));
  CHECK(way(pair.hamlet).empty());
  pass(pair.hamlet, 3600);
  const UnixSeconds written = pair.hamlet.now.wall;
  Stick stick;
  sync_stick(pair.hamlet, stick);
  CHECK(way(pair.hamlet) == std::vector<Passages::Passage>{{PassageKind::sent, Path::stick, {written, false}, false, 0}});
  const std::size_t once = rows(pair.hamlet);
  pass(pair.hamlet, 60);
  Stick second;  // another courier: it left already
  sync_stick(pair.hamlet, second);
  CHECK(rows(pair.hamlet) == once);
  sync_stick(pair.commune, stick);
  pass(pair.hamlet, 7200);
  const UnixSeconds learned = pair.hamlet.now.wall;
  sync_stick(pair.hamlet, stick);
  const auto whole = way(pair.hamlet);
  REQUIRE(whole.size() == 2);
  CHECK(whole[1] == Passages::Passage{PassageKind::received, Path::stick, {learned, false}, false, 0});
  const std::size_t both = rows(pair.hamlet);
  pass(pair.hamlet, 60);
  sync_stick(pair.hamlet, stick);  // nothing new
  sync_stick(pair.commune, stick);
  CHECK(rows(pair.hamlet) == both);
}

TEST_CASE("passages: over fiber what the commune committed was sent, by the commune's own time", "[sync][passages]") {
  ReplicaPair pair;
  settle(pair);
  pair.hamlet.submit(test_submission(id_a, "Mỷ"));
  pass(pair.commune, 500'000);  // the box's clock is wrong
  talk(pair.hamlet, pair.commune);
  const auto whole = way(pair.hamlet);
  REQUIRE(whole.size() == 2);
  CHECK(whole[0].kind == PassageKind::sent);
  CHECK(whole[1].kind == PassageKind::received);
  for (const Passages::Passage& one : whole) {
    CHECK(one.path == Path::fiber);
    CHECK(one.moment.trusted);
    CHECK(std::abs(one.moment.at.value - pair.commune.now.wall.value) <= 1);
  }
  const std::size_t once = rows(pair.hamlet);
  settle(pair);
  CHECK(rows(pair.hamlet) == once);
}

TEST_CASE("passages: one carried by stick and then by fiber shows both, and the receipt once", "[sync][passages]") {
  ReplicaPair pair;
  settle(pair);
  pair.hamlet.submit(test_submission(id_a, "Mỷ"));
  Stick lost;
  sync_stick(pair.hamlet, lost);
  talk(pair.hamlet, pair.commune);
  std::vector<std::pair<PassageKind, Path>> seen;
  for (const Passages::Passage& one : way(pair.hamlet)) seen.emplace_back(one.kind, one.path);
  CHECK(seen == std::vector<std::pair<PassageKind, Path>>{
                    {PassageKind::sent, Path::stick}, {PassageKind::sent, Path::fiber}, {PassageKind::received, Path::fiber}});
}

TEST_CASE("passages: an edit's way stands behind the edit, and its version's behind that", "[sync][passages]") {
  ReplicaPair pair;
  settle(pair);
  pair.hamlet.submit(test_submission(id_a, "Mỷ"));
  talk(pair.hamlet, pair.commune);
  pair.hamlet.unlock();
  pair.hamlet.submit(test_submission(id_b, "Mây", "", id_a));
  talk(pair.hamlet, pair.commune);
  std::vector<std::pair<std::size_t, PassageKind>> seen;
  for (const Passages::Passage& one : way(pair.hamlet)) seen.emplace_back(one.last, one.kind);
  CHECK(seen == std::vector<std::pair<std::size_t, PassageKind>>{
                    {0, PassageKind::sent}, {0, PassageKind::received}, {1, PassageKind::sent}, {1, PassageKind::received}});
}

TEST_CASE("passages: a commune notes none, and a thousand contacts stay within the rows of a kind", "[sync][passages]") {
  ReplicaPair pair;
  settle(pair);
  pair.hamlet.submit(test_submission(id_a, "Mỷ"));
  talk(pair.hamlet, pair.commune);
  CHECK(rows(pair.commune) == 0);
  TestNode node(sync::Role::hamlet, "Nà Lay", 9);
  const RunId run = RunId::filled(4);
  const auto note = [&](std::uint32_t number) {
    node.work([&](sync::Batch& batch) {
      return Passages::note(batch, PassageKind::sent, Path::stick, {{1'000'000 + number}, true}, {{run, RangeSet(number, number)}});
    });
  };
  for (std::uint32_t i = 0; i < 1000; ++i) note(i);
  CHECK(rows(node) == Passages::rows_max);
  auto txn = node.replica->read();
  const auto at = [&](std::uint32_t number) {
    auto found = Passages::of(**txn, {{node.replica->self().node, run, number}});
    REQUIRE(found);
    REQUIRE(found->size() == 1);
    return found->front();
  };
  CHECK(at(999).moment.at.value == 1'000'999);
  CHECK_FALSE(at(999).at_latest);
  CHECK(at(745).moment.at.value == 1'000'745);
  // The oldest are one row by now: not later than its last.
  CHECK(at(0).at_latest);
  CHECK(at(0).moment.at.value == 1'000'744);
  CHECK(at(744).at_latest);
}

TEST_CASE("passages: a row that would hold too many runs is forgotten", "[sync][passages]") {
  TestNode node(sync::Role::hamlet, "Nà Lay", 9);
  Passages::Numbers many;
  SeededRng rng(5);
  for (std::size_t i = 0; i < Passages::runs_max; ++i) many.emplace(rng.id<RunId>(), RangeSet(2, 9));
  const RunId first = RunId::filled(1);
  node.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(Passages::note(batch, PassageKind::received, Path::fiber, {{1}, true}, {{first, RangeSet(2, 2)}}));
    return Passages::note(batch, PassageKind::received, Path::fiber, {{2}, true}, many);
  });
  for (std::uint32_t i = 0; i < Passages::rows_max; ++i) {
    node.work([&](sync::Batch& batch) {
      return Passages::note(batch, PassageKind::received, Path::fiber, {{3 + i}, true}, {{RunId::filled(2), RangeSet(i, i)}});
    });
  }
  CHECK(rows(node) == Passages::rows_max);
  auto txn = node.replica->read();
  const auto found = Passages::of(**txn, {{node.replica->self().node, first, 2}});
  REQUIRE(found);
  CHECK(found->empty());
}

TEST_CASE("passages: a row that does not decode is told as damage", "[sync][passages]") {
  TestNode node(sync::Role::hamlet, "Nà Lay", 9);
  const RunId run = RunId::filled(4);
  node.work([&](sync::Batch& batch) {
    return Passages::note(batch, PassageKind::sent, Path::stick, {{1}, true}, {{run, RangeSet(2, 5)}});
  });
  const Bytes key{0x88, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1};
  auto txn = node.replica->read();
  const auto found = (*txn)->get(sync::Table::note, key);
  REQUIRE(found);
  REQUIRE(*found);
  const Bytes value = to_bytes(**found);
  txn->reset();
  for (std::size_t size = 0; size < value.size(); ++size) {
    node.work([&](sync::Batch& batch) { return batch.txn.put(sync::Table::note, key, ByteView(value).first(size)); });
    txn = node.replica->read();
    const auto told = Passages::of(**txn, {{node.replica->self().node, run, 3}});
    REQUIRE_FALSE(told);
    CHECK(told.error().code == Errc::damaged);
    txn->reset();
  }
}
