#pragma once

#include "sync/contact/bundle_filler.h"
#include "sync/contact/bundle_taker.h"
#include "sync/contact/known_bundles.h"

namespace khuoi::sync {

/// The rules of a stick, apart from files: what to take in, what may go, what to write. One object a sync. Used by
/// node/ on a filesystem and by sim/ in memory.
class Courier final {
 public:
  explicit Courier(Replica& replica)
      : replica_(replica), taker_(replica, Path::stick), giver_(replica, Path::stick) {}

  // --- one bundle after the other
  Result<bool> knows(const ReadTxn& txn, const BundleFile& file) {
    return KnownBundles::knows(txn, file, finds_.carried);
  }
  /// As take_bundle().
  Result<BundleContent> take_in(const BundleHeader& header, const BundlePieces& pieces, const BundleFile& file,
                                const BeginBatch& begin) {
    return take_bundle(replica_, taker_, finds_, header, pieces, file, begin);
  }
  Result<BundleContent> take_in(BundleReader& reader, const BundleFile& file, const BeginBatch& begin);
  [[nodiscard]] bool is_mine(const BundleHeader& header) const { return header.writer == replica_.self().node; }

  // --- then for each of this node's own, once all were taken in
  /// Whether everything in it has arrived, so that it may be removed.
  Result<bool> may_drop(const ReadTxn& txn, const BundleContent& content) const;
  /// At a hamlet, of a bundle that may not be dropped: whether the commune left a new receipt on this very stick, so that
  /// it has had the bundle before it, and the receipt still lacks what the bundle carries. Then that goes into a new
  /// bundle, and this one is removed.
  Result<bool> passed_over(const ReadTxn& txn, const BundleContent& content) const;
  /// And it has not left any more, until it is written again.
  Result<void> unmark_sent(Batch& batch, const BundleContent& content) const;

  // --- then what should be written besides what `present` (bundles of this node that stay) holds
  /// A question: changes nothing.
  Result<Parcel> plan(const ReadTxn& txn, const Now& now, std::span<const BundleContent> present) const {
    return Packer(replica_, giver_).plan(txn, now, standing(present));
  }
  /// It may be written once the batch is committed.
  Result<Parcel> pack(Batch& batch, std::span<const BundleContent> present) const {
    return Packer(replica_, giver_).pack(batch, standing(present));
  }
  Result<BundleContent> write(const ReadTxn& txn, Parcel parcel, std::uint64_t octets_max, const BundleSink& sink) {
    return fill_bundle(replica_, txn, giver_, std::move(parcel), octets_max, sink);
  }
  /// The stick was read back whole: what it holds has left (a hint only), and is counted.
  Result<void> mark_sent(Batch& batch, const BundleContent& written) {
    taker_.counts().add(written.counts);
    return giver_.note_left(batch, written);
  }

  [[nodiscard]] const Counts& counts() const { return taker_.counts(); }
  [[nodiscard]] const StickFinds& finds() const { return finds_; }

 private:
  Result<bool> records_arrived(const ReadTxn& txn, const NodeId& peer, const BundleContent& content) const;
  [[nodiscard]] BundleContent standing(std::span<const BundleContent> present) const;

  Replica& replica_;
  Taker taker_;
  Giver giver_;
  StickFinds finds_;
};

}  // namespace khuoi::sync
