#include "sync/contact/courier.h"

#include <algorithm>

#include "sync/peers/radio_marks.h"

namespace khuoi::sync {

Result<BundleContent> Courier::take_in(BundleReader& reader, const BundleFile& file, const BeginBatch& begin) {
  const auto pieces = [&]() -> Result<SegmentPiece> {
    KHUOI_TRY(SegmentPiece piece, read_piece(reader));
    if (piece.last) piece.file_hash = file.hash;
    return piece;
  };
  return take_in(reader.header(), pieces, file, begin);
}

BundleContent Courier::standing(std::span<const BundleContent> present) const {
  BundleContent out;
  out.carried = finds_.carried;
  for (const BundleContent& bundle : present) out.add(bundle);
  return out;
}

Result<bool> Courier::records_arrived(const ReadTxn& txn, const NodeId& peer, const BundleContent& content) const {
  const Planner planner(replica_);
  KHUOI_TRY(const PeerRow row, replica_.peers().row(txn, peer));
  for (const auto& [key, numbers] : content.records) {
    RangeSet open;
    if (key.author == peer) {
      for (const auto& [wanted, lost] : row.wants) {
        if (wanted == key) open = numbers.intersect(lost);
      }
    } else {
      KHUOI_TRY(const RunRow* run, replica_.runs().find(txn, key));
      if (run == nullptr || !planner.reaches(peer, key.author, run->audience)) continue;
      KHUOI_TRY(const PeerRun has, replica_.peers().run(txn, peer, key));
      KHUOI_TRY(const RadioMark by_radio, RadioMarks::of(txn, peer, key));
      open = numbers.minus(has.received).minus(by_radio.received);
    }
    if (!open.empty()) return false;
  }
  return true;
}

Result<bool> Courier::may_drop(const ReadTxn& txn, const BundleContent& content) const {
  if (content.request) return replica_.self().granted();
  for (const NodeId& peer : Planner(replica_).peers()) {
    KHUOI_TRY(const bool records, records_arrived(txn, peer, content));
    if (!records) return false;
    KHUOI_TRY(const PeerRow row, replica_.peers().row(txn, peer));
    if (!content.roster.empty() && row.roster_digest != replica_.roster().digest()) return false;
    if (content.chunks.empty()) continue;
    KHUOI_TRY(const auto needs, Planner(replica_).files(txn, peer, {}));
    if (std::ranges::any_of(needs, [&](const auto& need) { return content.chunks.contains(need.row.file); })) return false;
  }
  for (const Custody::Name& name : content.carried) {
    KHUOI_TRY(const bool still, Custody::has(txn, name));
    if (still) return false;
  }
  for (const auto& [to, head] : content.holdings) {
    KHUOI_TRY(const PeerRow row, replica_.peers().row(txn, to));
    const bool in_force = row.stated == head && row.stated.sequence == row.my_sequence && !row.restored;
    if (in_force && row.echoed != head) return false;
  }
  return true;
}

Result<bool> Courier::passed_over(const ReadTxn& txn, const BundleContent& content) const {
  const Self& self = replica_.self();
  if (self.is_commune() || !self.granted() || !finds_.receipt || content.request) return false;
  KHUOI_TRY(const bool records, records_arrived(txn, self.commune_node, content));
  if (!records) return true;
  // Of files some chunks may be missing for a while: only when none got there the bundle was of no use.
  bool any_arrived = content.chunks.empty();
  for (const auto& [file, levels] : content.chunks) {
    KHUOI_TRY(const Peers::PeerFile has, replica_.peers().file(txn, self.commune_node, file));
    any_arrived = any_arrived || has.complete ||
                  std::ranges::any_of(has.held, [](const RangeSet& level) { return !level.empty(); });
  }
  return !any_arrived;
}

Result<void> Courier::unmark_sent(Batch& batch, const BundleContent& content) const {
  const Self& self = replica_.self();
  for (const auto& [key, numbers] : content.records) {
    if (key.author != self.node) continue;
    KHUOI_TRY(PeerRun run, replica_.peers().run(batch.txn, self.commune_node, key));
    run.sent.remove(numbers.minus(run.received));
    KHUOI_TRY_VOID(replica_.peers().put_run(batch, self.commune_node, key, run));
  }
  return {};
}

}  // namespace khuoi::sync
