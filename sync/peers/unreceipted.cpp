#include "sync/peers/unreceipted.h"

#include "sync/peers/radio_marks.h"

namespace khuoi::sync {

namespace {
constexpr Rows<std::tuple<>, Unreceipted> unreceipted_rows{Note::unreceipted, "how many records have no receipt"};

std::uint64_t& count_of(Unreceipted& row, Domain domain) { return domain == Domain::health ? row.health : row.general; }
}  // namespace

Result<RangeSet> received_of(const ReadTxn& txn, const Peers& peers, const NodeId& peer, const RunKey& key) {
  KHUOI_TRY(PeerRun has, peers.run(txn, peer, key));
  KHUOI_TRY(const RadioMark by_radio, RadioMarks::of(txn, peer, key));
  has.received.add(by_radio.received);
  return std::move(has.received);
}

Result<std::optional<Unreceipted>> Unreceipted::of(const ReadTxn& txn, const Self& self) {
  KHUOI_TRY(auto row, unreceipted_rows.get(txn, {}));
  const bool right = row && row->author == self.node && row->peer == self.commune_node;
  return right ? row : std::optional<Unreceipted>();
}

Result<Unreceipted> Unreceipted::count(const ReadTxn& txn, const Self& self, Runs& runs) {
  Unreceipted out{self.node, self.commune_node};
  const Peers peers;
  KHUOI_TRY_VOID(runs.each(txn, [&](const RunKey& key, const RunRow& row) -> Result<void> {
    if (key.author != self.node) return {};
    KHUOI_TRY(const RangeSet received, received_of(txn, peers, self.commune_node, key));
    KHUOI_TRY(const std::uint64_t open, Runs::count_peoples(txn, key, row.held.minus(received)));
    count_of(out, row.domain) += open;
    return {};
  }));
  return out;
}

Result<void> Unreceipted::count_if_none(Batch& batch, const Self& self, Runs& runs) {
  if (self.is_commune()) return {};
  KHUOI_TRY(const auto present, of(batch.txn, self));
  if (present) return {};
  KHUOI_TRY(const Unreceipted counted, count(batch.txn, self, runs));
  return unreceipted_rows.put(batch, {}, counted);
}

Result<void> Unreceipted::forget(Batch& batch) { return unreceipted_rows.erase(batch, {}); }

Result<void> Unreceipted::on_written(Batch& batch, const RunKey& key, const RunRow& row, const RangeSet& numbers) {
  KHUOI_TRY(auto kept, unreceipted_rows.get(batch.txn, {}));
  if (!kept || kept->author != key.author) return {};
  KHUOI_TRY(const RangeSet received, received_of(batch.txn, Peers(), kept->peer, key));
  KHUOI_TRY(const std::uint64_t more, Runs::count_peoples(batch.txn, key, numbers.minus(received)));
  if (more == 0) return {};
  count_of(*kept, row.domain) += more;
  return unreceipted_rows.put(batch, {}, *kept);
}

Result<bool> Unreceipted::counts(const ReadTxn& txn, const NodeId& peer, const RunKey& key) {
  KHUOI_TRY(const auto kept, unreceipted_rows.get(txn, {}));
  return kept && kept->peer == peer && kept->author == key.author;
}

Result<void> Unreceipted::on_said(Batch& batch, const NodeId& peer, const RunKey& key, const RangeSet& before,
                                  const RangeSet& now) {
  KHUOI_TRY(auto kept, unreceipted_rows.get(batch.txn, {}));
  if (!kept || kept->peer != peer || kept->author != key.author) return {};
  // What was written in this batch is counted when its row is.
  KHUOI_TRY(const RunRow row, Runs::stored(batch.txn, key));
  KHUOI_TRY(const std::uint64_t less, Runs::count_peoples(batch.txn, key, now.minus(before).intersect(row.held)));
  KHUOI_TRY(const std::uint64_t more, Runs::count_peoples(batch.txn, key, before.minus(now).intersect(row.held)));
  if (less == more) return {};
  count_of(*kept, row.domain) += more - less;
  return unreceipted_rows.put(batch, {}, *kept);
}

}  // namespace khuoi::sync
