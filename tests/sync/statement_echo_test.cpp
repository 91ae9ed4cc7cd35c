// An equal head with another sum: its signer is two by now, or what stands at its reader is damaged.
#include "tests/sync/overheard.h"

using namespace khuoi;
using namespace khuoi::tests;
using sync::Holdings;

namespace {

sync::ToldOf told_row(const TestNode& of, const TestNode& to) {
  auto txn = of.replica->read();
  const auto row = sync::told_of_rows.get_or_new(**txn, to.replica->self().node);
  REQUIRE(row);
  return *row;
}

sync::PeerRow peer_row(const TestNode& of, const TestNode& to) {
  auto txn = of.replica->read();
  const auto row = of.replica->peers().row(**txn, to.replica->self().node);
  REQUIRE(row);
  return *row;
}

/// The hello that `from` would begin with, now.
sync::Hello hello_of(TestNode& from, const TestNode& to) {
  sync::Session session(*from.replica, {.dials = true}, key_of_node(to));
  std::vector<Bytes> said;
  from.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(said, session.transmit(batch, 1U << 20U));
    return {};
  });
  REQUIRE(said.size() == 1);
  const auto message = sync::decode_message(said.front());
  REQUIRE(message);
  return std::get<sync::Hello>(*message);
}

/// What the commune holds becomes less, and no head of it tells: as at a copy of its disk that took in less under the
/// same heads.
void hold_less(TestNode& commune, const TestNode& hamlet) {
  commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto all, commune.replica->runs().all_of(batch.txn, hamlet.replica->self().node));
    for (const auto& [run, row] : all.runs) {
      const std::uint32_t last = row.held.ranges().rbegin()->second;
      if (last < 2) continue;
      const sync::RunKey key{hamlet.replica->self().node, run};
      KHUOI_TRY(sync::RunRow* const held, commune.replica->runs().edit(batch, key));
      held->held.remove(RangeSet(last, last));
      KHUOI_TRY_VOID(batch.txn.erase(sync::Table::record, sync::key_of(sync::Ref{key.author, key.run, last})));
    }
    return {};
  });
}

}  // namespace

TEST_CASE("echo: a hello tells by four octets what was said under the head that it echoes", "[sync][statement][echo]") {
  ReplicaPair pair;
  CHECK(hello_of(pair.hamlet, pair.commune).echo_sum == 0);  // nothing was said yet
  overhear(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  overhear(pair.hamlet, pair.commune);
  const sync::Hello hello = hello_of(pair.hamlet, pair.commune);
  CHECK(hello.echo == peer_row(pair.commune, pair.hamlet).stated);
  CHECK(hello.echo_sum == told_row(pair.hamlet, pair.commune).tally.mark());
  CHECK(hello.echo_sum != 0);
  auto txn = pair.commune.replica->read();
  const auto held = pair.commune.replica->runs().all_of(**txn, pair.hamlet.replica->self().node);
  REQUIRE(held);
  CHECK(held->tally.mark() == hello.echo_sum);
  sync::HeldTally nothing;
  CHECK(nothing.mark() != 0);
}

TEST_CASE("echo: a commune that holds less under the head it gave says all at the next contact",
          "[sync][statement][echo]") {
  ReceivedPair pair;
  pair.hamlet.submit(test_submission(uuid(2), "Bình"));
  overhear(pair.hamlet, pair.commune);
  CHECK(overhear(pair.hamlet, pair.commune).statements.empty());
  const sync::Head head = peer_row(pair.commune, pair.hamlet).stated;
  hold_less(pair.commune, pair.hamlet);
  CHECK(peer_row(pair.commune, pair.hamlet).stated == head);
  all_received(pair.hamlet);  // so it believes
  const Said said = overhear(pair.hamlet, pair.commune);
  CHECK(wholes(said) == 1);
  overhear(pair.hamlet, pair.commune);
  // It came again, and what both say is one.
  auto txn = pair.commune.replica->read();
  const auto held = pair.commune.replica->runs().all_of(**txn, pair.hamlet.replica->self().node);
  REQUIRE(held);
  CHECK(held->tally == told_row(pair.hamlet, pair.commune).tally);
  const auto own = pair.hamlet.replica->runs().all_of(**pair.hamlet.replica->read(), pair.hamlet.replica->self().node);
  REQUIRE(own);
  for (const auto& [run, row] : held->runs) {
    const auto mine = std::ranges::find(own->runs, run, &std::pair<RunId, sync::RunRow>::first);
    REQUIRE(mine != own->runs.end());
    CHECK(row.held.contains(mine->second.held));
  }
  goes_on_by_changes(pair, 3);
}

TEST_CASE("echo: a hamlet whose rows were damaged is told all at the next contact", "[sync][statement][echo]") {
  ReceivedPair pair;
  const NodeId commune = pair.commune.replica->self().node;
  const sync::HeldTally before = told_row(pair.hamlet, pair.commune).tally;
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(auto row, sync::told_of_rows.get_or_new(batch.txn, commune));
    row.tally.sum[1] ^= 1U;
    return sync::told_of_rows.put(batch, commune, row);
  });
  CHECK(wholes(overhear(pair.hamlet, pair.commune)) == 1);
  CHECK(told_row(pair.hamlet, pair.commune).tally == before);
  CHECK(overhear(pair.hamlet, pair.commune).statements.empty());
  goes_on_by_changes(pair, 2);
}

TEST_CASE("echo: no sum, the right one, or one of another head asks for nothing, and a wrong one once an hour",
          "[sync][statement][echo]") {
  ReceivedPair pair;
  const NodeId hamlet = pair.hamlet.replica->self().node;
  const sync::Hello hello = hello_of(pair.hamlet, pair.commune);
  const auto note = [&](const sync::Head& echo, std::uint32_t sum) {
    pair.commune.work(
        [&](sync::Batch& batch) { return pair.commune.replica->receipts().note_echo_sum(batch, hamlet, echo, sum); });
    return told_row(pair.commune, pair.hamlet).owes_whole;
  };
  CHECK(note(hello.echo, 0) == 0);  // an earlier program
  CHECK(note(hello.echo, hello.echo_sum) == 0);
  sync::Head other = hello.echo;
  --other.sequence;
  CHECK(note(other, hello.echo_sum ^ 2U) == 0);
  CHECK(note({}, hello.echo_sum ^ 2U) == 0);
  const std::uint64_t first = note(hello.echo, hello.echo_sum ^ 2U);
  CHECK(first != 0);
  for (int i = 0; i < 20; ++i) {
    const sync::Head stands = peer_row(pair.commune, pair.hamlet).stated;
    CHECK(note(stands, hello.echo_sum ^ 2U) == first);
    overhear(pair.hamlet, pair.commune);
  }
  pass(pair.commune, 3601);
  CHECK(note(peer_row(pair.commune, pair.hamlet).stated, hello.echo_sum ^ 2U) > first);
}

TEST_CASE("echo: a statement under the head that applied last, with another sum, asks for a whole one",
          "[sync][statement][echo]") {
  ReceivedPair pair;
  const Holdings said = *sync::decode_holdings(statement_of(pair.commune, pair.hamlet));
  REQUIRE(said.version == 2);
  REQUIRE(said.head == peer_row(pair.hamlet, pair.commune).absorbed);
  const Bytes before = octets_of_part(told_row(pair.hamlet, pair.commune));
  CHECK(absorb(pair, said) == sync::Receipts::Absorbed::old);  // the same again
  CHECK(octets_of_part(told_row(pair.hamlet, pair.commune)) == before);
  Holdings older = said;
  --older.head.sequence;
  older.tally.sum[0] ^= 1U;
  CHECK(absorb(pair, older) == sync::Receipts::Absorbed::old);
  CHECK_FALSE(told_row(pair.hamlet, pair.commune).asks_whole);
  Holdings other = said;
  other.tally.sum[0] ^= 1U;
  CHECK(absorb(pair, other) == sync::Receipts::Absorbed::old);
  CHECK(told_row(pair.hamlet, pair.commune).asks_whole);
  all_received(pair.hamlet);  // nothing of it counts
  CHECK(wholes(overhear(pair.hamlet, pair.commune)) == 1);
  CHECK_FALSE(told_row(pair.hamlet, pair.commune).asks_whole);
  goes_on_by_changes(pair, 2);
}
