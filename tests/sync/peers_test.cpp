#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {
sync::PeerRow sample_peer_row() {
  sync::PeerRow row;
  row.absorbed = {3, 40, {1, 2, 3, 4, 5, 6, 7, 8}};
  row.echoed = {2, 30, {8, 7, 6, 5, 4, 3, 2, 1}};
  row.stated = {2, 31, {}};
  row.superseded = {1, 1, {9}};
  row.my_sequence = 33;
  row.stated_at = {1'790'000'000};
  row.restored = true;
  row.wants = {{{NodeId::filled(1), RunId::filled(2)}, RangeSet(3, 9)}};
  row.wants_models = {ModelHash::filled(7)};
  row.roster_digest = 0x1234;
  row.heard_at = {-5};
  row.heard_by = "stick";
  row.received_octets_unacknowledged = 4096;
  return row;
}
}  // namespace

TEST_CASE("peers: a peer's row is read as it was written, and a cut one is damaged", "[sync][peers]") {
  TestNode node(sync::Role::hamlet, "Khuổi Mèo", 2);
  const sync::Peers peers;
  const NodeId peer = NodeId::filled(5);
  node.work([&](sync::Batch& batch) { return peers.put(batch, peer, sample_peer_row()); });
  auto txn = node.replica->read();
  const auto read = peers.row(**txn, peer);
  REQUIRE(read);
  CHECK(read->absorbed == sample_peer_row().absorbed);
  CHECK(read->superseded == sample_peer_row().superseded);
  CHECK(read->restored);
  CHECK(read->wants == sample_peer_row().wants);
  CHECK(read->wants_models == sample_peer_row().wants_models);
  CHECK(read->heard_at == sample_peer_row().heard_at);
  CHECK(read->heard_by == "stick");
  CHECK(read->received_octets_unacknowledged == 4096);
  const Bytes whole = to_bytes(**(*txn)->get(sync::Table::peer, peer.view()));
  txn->reset();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    node.work([&](sync::Batch& batch) { return batch.txn.put(sync::Table::peer, peer.view(), ByteView(whole).first(size)); });
    txn = node.replica->read();
    const auto cut = peers.row(**txn, peer);
    REQUIRE_FALSE(cut);
    CHECK((cut.error().code == Errc::damaged || cut.error().code == Errc::malformed));
    txn->reset();
  }
}

TEST_CASE("peers: what left towards a peer is a hint that never grows past what a row can hold", "[sync][peers][regress]") {
  TestNode node(sync::Role::hamlet, "Khuổi Mèo", 2);
  const sync::Peers peers;
  const NodeId peer = NodeId::filled(5);
  const sync::RunKey run{NodeId::filled(1), RunId::filled(2)};
  RangeSet numbers;
  for (std::uint32_t i = 0; i < 2 * RangeSet::ranges_max; ++i) numbers.add(2 * i);
  node.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto first, peers.mark_sent(batch, peer, {{run, numbers}}));
    CHECK(first.empty());
    return {};
  });
  auto txn = node.replica->read();
  CHECK(peers.run(**txn, peer, run));
}

TEST_CASE("peers: later starts outrank earlier ones, then the sequence counts", "[sync][peers]") {
  const auto head = [](std::uint32_t ordinal, std::uint64_t sequence) { return sync::Head{ordinal, sequence, {}}; };
  CHECK(sync::later(head(2, 1), head(1, 100)));
  CHECK_FALSE(sync::later(head(1, 100), head(2, 1)));
  CHECK(sync::later(head(2, 2), head(2, 1)));
  CHECK_FALSE(sync::later(head(2, 2), head(2, 2)));
}
