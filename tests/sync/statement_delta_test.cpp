// Statements of holdings that tell what changed: they cost what changed, and never make anybody believe what is not so.
#include "sync/contact/custody.h"
#include "tests/sync/overheard.h"

using namespace khuoi;
using namespace khuoi::tests;
using sync::Holdings;

namespace {

Holdings sample() {
  Holdings out;
  out.version = 2;
  out.whole = false;
  out.say_whole = true;
  out.head = {3, 17, {1, 2, 3, 4, 5, 6, 7, 8}};
  out.echo = {2, 9, {8, 7, 6, 5, 4, 3, 2, 1}};
  out.supersedes = sync::Head{1, 1, {}};
  out.runs.push_back({RunId({1, 1, 1, 1, 1, 1, 1, 1}), RangeSet(0, 9), RangeSet(0, 4)});
  out.runs.push_back({RunId({2, 2, 2, 2, 2, 2, 2, 2}), RangeSet(), RangeSet()});
  out.tally.add(out.runs[0].run, out.runs[0].received, out.runs[0].safe);
  return out;
}

Bytes told(const TestNode& of, const TestNode& to) {
  auto txn = of.replica->read();
  const auto row = sync::told_of_rows.get_or_new(**txn, to.replica->self().node);
  REQUIRE(row);
  return octets_of_part(*row);
}

}  // namespace

TEST_CASE("statement of version 2: what is written is read again, and unknown flags are refused", "[sync][statement]") {
  TestNode node(sync::Role::commune, "Sảng Mộc", 1);
  const Holdings said = sample();
  const Bytes octets = sync::encode_holdings(said, node.replica->keys().sign().secret_key);
  const auto read = sync::decode_holdings(octets);
  REQUIRE(read);
  CHECK((read->version == 2 && !read->whole && read->say_whole && read->tally == said.tally));
  CHECK(sync::encode_holdings(*read, node.replica->keys().sign().secret_key) == octets);
  constexpr std::size_t flags_at = 25;
  for (const unsigned flag : {8U, 16U, 32U, 64U, 128U}) {
    Bytes bad = octets;
    bad[flags_at] |= static_cast<std::uint8_t>(flag);
    CHECK(sync::decode_holdings(bad).error().code == Errc::malformed);
  }
  Bytes later = octets;
  later[0] = 3;
  CHECK(sync::decode_holdings(later).error().code == Errc::unsupported);
}

TEST_CASE("statement: a tally does not hang on the order, and what is taken out leaves no trace", "[sync][statement]") {
  SeededRng rng(7);
  std::vector<std::pair<RunId, RangeSet>> runs;
  for (int i = 0; i < 50; ++i) runs.emplace_back(rng.id<RunId>(), RangeSet(0, static_cast<std::uint32_t>(rng.below(90))));
  sync::HeldTally forwards, backwards;
  for (const auto& [run, held] : runs) forwards.add(run, held, {});
  for (auto one = runs.rbegin(); one != runs.rend(); ++one) backwards.add(one->first, one->second, {});
  CHECK(forwards == backwards);
  CHECK(forwards.count == 50);
  for (const auto& [run, held] : runs) backwards.remove(run, held, {});
  CHECK(backwards == sync::HeldTally());
  backwards.add(runs[0].first, {}, {});
  CHECK(backwards == sync::HeldTally());
  backwards.add(runs[0].first, RangeSet(0, 3), RangeSet(0, 2));
  sync::HeldTally all_safe;
  all_safe.add(runs[0].first, RangeSet(0, 3), RangeSet(0, 3));
  CHECK(backwards != all_safe);
}

TEST_CASE("statement: a receipt costs what changed, however many runs there were, and a quiet season has no whole one",
          "[sync][statement]") {
  ReplicaPair pair;
  overhear(pair.hamlet, pair.commune);
  constexpr int runs = 300;
  std::size_t whole = 0;
  Said last;
  for (int i = 0; i < runs; ++i) {
    pair.hamlet.start();
    if (i % 7 == 0) pair.commune.start();
    pair.hamlet.submit(test_submission(uuid(i), "Số " + std::to_string(i)));
    last = overhear(pair.hamlet, pair.commune);
    if (i > 0) whole += wholes(last);  // the first receipt of all has nothing to build on
  }
  CHECK(whole == 0);
  all_received(pair.hamlet);
  REQUIRE_FALSE(last.octets.empty());
  CHECK(last.statements.back().tally.count >= runs);
  CHECK(std::ranges::max(last.octets) <= 300);
}

TEST_CASE("statement: to who reads only version 1 everything is said in it, and once it reads more, what changed",
          "[sync][statement]") {
  ReplicaPair pair;
  overhear(pair.hamlet, pair.commune, true);
  for (int i = 0; i < 5; ++i) {
    pair.hamlet.submit(test_submission(uuid(i), "An"));
    for (const Holdings& said : overhear(pair.hamlet, pair.commune, true).statements) CHECK((said.version == 1 && said.whole));
  }
  all_received(pair.hamlet);
  pair.hamlet.submit(test_submission(uuid(9), "An"));
  const Said now = overhear(pair.hamlet, pair.commune);
  REQUIRE_FALSE(now.statements.empty());
  for (const Holdings& said : now.statements) CHECK((said.version == 2 && !said.whole));
  all_received(pair.hamlet);
  // An older program is put back on one side.
  pair.hamlet.submit(test_submission(uuid(10), "An"));
  for (const Holdings& said : overhear(pair.hamlet, pair.commune, true).statements) CHECK(said.version == 1);
  all_received(pair.hamlet);
}

TEST_CASE("statement: two that meet by stick alone find out that both read version 2", "[sync][statement]") {
  ReplicaPair pair;
  Stick stick;
  sync_stick(pair.commune, stick);
  sync_stick(pair.hamlet, stick);
  for (int i = 0; i < 4; ++i) {
    pair.hamlet.submit(test_submission(uuid(i), "An"));
    sync_stick(pair.hamlet, stick);
    sync_stick(pair.commune, stick);
  }
  sync_stick(pair.hamlet, stick);
  all_received(pair.hamlet);
  const auto of_commune = sync::decode_holdings(statement_of(pair.commune, pair.hamlet));
  const auto of_hamlet = sync::decode_holdings(statement_of(pair.hamlet, pair.commune));
  CHECK((of_commune->version == 2 && of_hamlet->version == 2));
  CHECK((!of_commune->whole && !of_hamlet->whole));
}

TEST_CASE("statement: one that does not add up changes nothing, and brings a whole one", "[sync][statement]") {
  const bool by_stick = GENERATE(false, true);
  CAPTURE(by_stick);
  ReceivedPair pair;
  Stick stick;
  // The hamlet forgets what it was told, by a fault that nothing else shows: its tally is another.
  const NodeId commune = pair.commune.replica->self().node;
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(auto row, sync::told_of_rows.get_or_new(batch.txn, commune));
    row.tally.sum[3] ^= 1U;
    return sync::told_of_rows.put(batch, commune, row);
  });
  pair.hamlet.submit(test_submission(uuid(2), "Bình"));
  if (by_stick) {
    for (int i = 0; i < 3; ++i) {
      sync_stick(pair.hamlet, stick);
      sync_stick(pair.commune, stick);
    }
    sync_stick(pair.hamlet, stick);
  } else {
    const Said said = overhear(pair.hamlet, pair.commune);
    CHECK(wholes(said) == 1);
    CHECK(wholes(overhear(pair.hamlet, pair.commune)) == 0);
  }
  goes_on_by_changes(pair, 3);
}

TEST_CASE("statement: a tally that an earlier program left behind is counted anew with the next whole one", "[sync][statement]") {
  ReceivedPair pair;
  const NodeId hamlet = pair.hamlet.replica->self().node;
  pair.commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(auto held, sync::held_of_rows.get_or_new(batch.txn, hamlet));
    held.tally.sum[5] ^= 1U;
    return sync::held_of_rows.put(batch, hamlet, held);
  });
  pair.hamlet.submit(test_submission(uuid(2), "Bình"));
  CHECK(wholes(overhear(pair.hamlet, pair.commune)) == 1);
  goes_on_by_changes(pair, 3);
}

TEST_CASE("statement: a changed sum, or a run left out, is not believed even when it is signed", "[sync][statement]") {
  ReceivedPair pair;
  const Bytes before = told(pair.hamlet, pair.commune);
  auto lie = *sync::decode_holdings(statement_of(pair.commune, pair.hamlet));
  REQUIRE(lie.version == 2);
  const auto later = [](Holdings said, std::uint64_t by) {
    said.head.sequence += by;
    return said;
  };
  const RunId never = pair.hamlet.rng.id<RunId>();
  Holdings more = lie;
  more.runs.push_back({never, RangeSet(0, 5), {}});
  CHECK(absorb(pair, later(more, 100)) == sync::Receipts::Absorbed::old);
  Holdings less = lie;
  less.whole = true;
  less.runs.clear();
  CHECK(absorb(pair, later(less, 101)) == sync::Receipts::Absorbed::old);
  all_received(pair.hamlet);
  Bytes after = told(pair.hamlet, pair.commune);
  after[0] &= static_cast<std::uint8_t>(~2U);  // that it asks is all that changed
  CHECK(after == before);
}

TEST_CASE("statement: who asks for all of it over and over gets it once an hour", "[sync][statement]") {
  ReceivedPair pair;
  const auto asks = [&] {
    std::uint64_t out = 0;
    pair.commune.work([&](sync::Batch& batch) -> Result<void> {
      const NodeId hamlet = pair.hamlet.replica->self().node;
      KHUOI_TRY_VOID(pair.commune.replica->receipts().note_asks_whole(batch, hamlet));
      KHUOI_TRY(const auto row, sync::told_of_rows.get_or_new(batch.txn, hamlet));
      out = row.owes_whole;
      return {};
    });
    return out;
  };
  const std::uint64_t first = asks();
  CHECK(first != 0);
  for (int i = 0; i < 50; ++i) CHECK(asks() == first);
  CHECK(wholes(overhear(pair.hamlet, pair.commune)) == 1);
  CHECK(asks() == first);
  CHECK(wholes(overhear(pair.hamlet, pair.commune)) == 0);
  pass(pair.commune, 3601);
  CHECK(asks() > first);
  CHECK(wholes(overhear(pair.hamlet, pair.commune)) == 1);
}

TEST_CASE("statement: of runs that nobody here knows only so many are kept, and the sum still holds", "[sync][statement]") {
  ReceivedPair pair;
  auto flood = *sync::decode_holdings(statement_of(pair.commune, pair.hamlet));
  for (std::size_t i = 0; i < 3 * sync::PeerSaid::lost_runs_max; ++i) {
    flood.runs.push_back({pair.hamlet.rng.id<RunId>(), RangeSet(0, 3), {}});
    flood.tally.add(flood.runs.back().run, flood.runs.back().received, {});
  }
  flood.head.sequence += 10;
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    const Bytes octets = sync::encode_holdings(flood, pair.commune.replica->keys().sign().secret_key);
    KHUOI_TRY(const auto done, pair.hamlet.replica->receipts().absorb(batch, octets, sync::Path::stick));
    CHECK(done == sync::Receipts::Absorbed::applied);
    KHUOI_TRY(const auto lost, pair.hamlet.replica->receipts().lost(batch.txn, pair.commune.replica->self().node));
    CHECK(lost.size() == sync::PeerSaid::lost_runs_max);
    return {};
  });
  all_received(pair.hamlet);
}

TEST_CASE("statement: a hamlet that lost more runs than are kept of a peer gets all of them back", "[sync][statement]") {
  ReplicaPair pair;
  overhear(pair.hamlet, pair.commune);
  const auto empty = pair.hamlet.disk->clone();
  constexpr int runs = static_cast<int>(sync::PeerSaid::lost_runs_max) + 40;
  for (int i = 0; i < runs; ++i) {
    pair.hamlet.start();
    pair.hamlet.submit(test_submission(uuid(i), "An"));
    if (i % 100 == 99) overhear(pair.hamlet, pair.commune);
  }
  overhear(pair.hamlet, pair.commune);
  pair.hamlet.restore(*empty);
  for (int i = 0; i < 8; ++i) {
    pass(pair.commune, 3601);
    overhear(pair.hamlet, pair.commune);
    pair.hamlet.unlock();
  }
  CHECK(pair.hamlet.list().size() == static_cast<std::size_t>(runs));
}

TEST_CASE("custody: what changed is laid over what the same start of the commune told before", "[sync][custody][statement]") {
  ReplicaPair pair;
  TestNode other(sync::Role::hamlet, "Nà Lay", 5);
  pair.join(other);
  Holdings first;
  first.version = 2;
  first.to = pair.hamlet.replica->self().node;
  first.head = {3, 10, {1}};
  const RunId run = pair.hamlet.rng.id<RunId>();
  const auto segment_of = [&](std::uint32_t number) {
    sync::Sealed record;
    record.header = {sync::Class::sealed, sync::Rank::normal, pair.commune.replica->self().commune, first.to,
                     AudienceId(), run, number};
    record.body = Bytes(48, 7);
    sync::BundleWriter writer({pair.commune.replica->self().commune, first.to},
                              pair.hamlet.replica->keys().sign().secret_key);
    return writer.records(std::span(&record, 1));
  };
  const auto keeps = [&](std::uint32_t number) {
    bool out = false;
    const Bytes whole = segment_of(number);
    other.work([&](sync::Batch& batch) -> Result<void> {
      const auto segment = sync::decode_segment(whole);
      REQUIRE(segment);
      KHUOI_TRY(out, sync::Custody::keep(batch, *segment, 1U << 20U));
      return sync::Custody::drop(batch, sync::Custody::name_of(whole));
    });
    return out;
  };
  const auto note = [&](const Holdings& said) {
    other.work([&](sync::Batch& batch) { return sync::Custody::note_statement(batch, said); });
  };
  first.runs = {{run, RangeSet(0, 4), {}}};
  note(first);
  CHECK_FALSE(keeps(4));
  CHECK(keeps(5));
  Holdings delta = first;
  delta.whole = false;
  delta.head.sequence = 11;
  delta.runs = {{pair.hamlet.rng.id<RunId>(), RangeSet(0, 1), {}}};
  note(delta);
  CHECK_FALSE(keeps(4));
  // Of another start, only what it lists is known.
  delta.head = {4, 12, {2}};
  note(delta);
  CHECK(keeps(4));
}
