#pragma once

#include "sync/exchange/custody.h"
#include "sync/exchange/pieces.h"
#include "sync/replica/replica.h"

namespace khuoi::sync {

/// What stands in one bundle on a stick, as far as its segments are whole.
struct BundleContent {
  BundleHeader header;
  Planner::Gone records;                            ///< refs by run
  std::vector<std::pair<NodeId, Head>> holdings;    ///< of the writer: to whom, and how new
  std::set<std::array<std::uint8_t, 16>> roster;    ///< hashes of roster statements
  std::map<FileId, HeldChunks> chunks;
  std::set<Custody::Name> carried;                  ///< segments of other boxes
  bool request = false;
  bool damaged = false;                             ///< something was skipped, or did not verify
  Counts written;                                   ///< of a bundle written now: counted when it is known to stay
};

/// The rules of a stick, apart from files: what to take in, what may go, what to write. One object a sync. Used by
/// node/ on a filesystem and by sim/ in memory.
class Courier final {
 public:
  explicit Courier(Replica& replica) : replica_(replica) {}

  /// Asked for a fresh batch whenever enough has gathered and was committed.
  using Begin = std::function<Result<Replica::Work>()>;
  /// Whether this bundle of somebody else was taken in whole before: then there is nothing in it for us. Its name is
  /// random, and no two bundles share one.
  Result<bool> knows(const ReadTxn& txn, std::string_view name, std::uint64_t octets);
  /// Asked for the next piece of a bundle, until the last, never while a batch is open.
  using Pieces = std::function<Result<SegmentPiece>()>;
  /// Takes in a whole bundle, a commit a piece. Of a bundle of another commune nothing is asked for (foreign() counts
  /// it). Errors: those of `pieces`, `begin` and the store; what was committed before stays.
  Result<BundleContent> take_in(const BundleHeader& header, const Pieces& pieces, std::string_view name,
                                std::uint64_t octets, const Begin& begin);
  Result<BundleContent> take_in(BundleReader& reader, std::string_view name, std::uint64_t octets, const Begin& begin);
  [[nodiscard]] bool is_mine(const BundleHeader& header) const { return header.writer == replica_.self().node; }
  /// After all bundles were taken in: whether everything in a bundle of mine has arrived, so that it may be removed.
  Result<bool> may_drop(const ReadTxn& txn, const BundleContent& content);

  /// What should be written besides what `present` (my bundles that stay) holds. Statements are made inside the batch.
  struct Parcel {
    std::vector<Bytes> statements;       ///< tagged
    std::vector<Candidate> records;      ///< best first
    std::vector<ChunkPlace> chunks;      ///< after all records
    std::vector<Custody::Name> carried;  ///< for other boxes, after all of this node's own
    Bytes request;                       ///< before the grant: the enrolment request
    [[nodiscard]] bool empty() const { return statements.empty() && records.empty() && chunks.empty() && carried.empty() && request.empty(); }
  };
  Result<Parcel> pack(Batch& batch, std::span<const BundleContent> present);
  /// The same without a statement of its own, since making one must be committed: for a disk that takes no commit.
  Result<Parcel> pack_what_is_committed(const ReadTxn& txn, std::span<const BundleContent> present);
  /// Writes the parcel through `sink` until `octets_max` is used, whole segments only. Gives what went in.
  using Sink = std::function<Result<void>(ByteView octets)>;
  Result<BundleContent> write(const ReadTxn& txn, const Parcel& parcel, std::uint64_t octets_max, const Sink& sink);
  /// The stick was read back whole: what it holds has left (a hint only), and is counted.
  Result<void> mark_sent(Batch& batch, const BundleContent& written);

  [[nodiscard]] const Counts& counts() const { return counts_; }
  [[nodiscard]] std::uint64_t foreign() const { return foreign_; }
  /// Enrolment requests found, for a commune to show; grants found, for a hamlet to accept.
  [[nodiscard]] const std::vector<Bytes>& requests() const { return requests_; }
  [[nodiscard]] const std::vector<std::vector<Bytes>>& grants() const { return grants_; }

 private:
  using TakePiece = std::function<Result<void>(Batch& batch, const SegmentPiece& piece)>;
  static Result<void> each_piece(const Pieces& pieces, const Begin& begin, BundleContent& content,
                                 const TakePiece& take);
  Result<void> take_own(const Pieces& pieces, std::string_view name, std::uint64_t octets, const Begin& begin,
                        BundleContent& content);
  Result<void> take_custody(const Pieces& pieces, std::string_view name, std::uint64_t octets, const Begin& begin,
                            BundleContent& content);
  Result<void> keep_for_another(Batch& batch, const Segment& segment, BundleContent& content);
  Result<void> note_for_another(Batch& batch, ByteView statement);
  Result<void> take_segment(Batch& batch, const HeldSegment& held, bool mine, BundleContent& content);
  Result<void> take_records(Batch& batch, const Segment& segment, bool mine, BundleContent& content);
  Result<void> take_statements(Batch& batch, const Segment& segment, bool mine, BundleContent& content);
  Result<void> take_chunk(Batch& batch, const HeldSegment& held, bool mine, BundleContent& content);
  Result<bool> records_arrived(const ReadTxn& txn, const NodeId& peer, const BundleContent& content);
  Result<bool> files_arrived(const ReadTxn& txn, const NodeId& peer, const BundleContent& content);
  Result<bool> holdings_settled(const ReadTxn& txn, const NodeId& peer, const Head& head);
  Result<Parcel> pack_all(const ReadTxn& txn, Batch* batch, std::span<const BundleContent> present);
  Result<void> pack_statements(Batch& batch, const NodeId& peer, bool has_records, std::span<const BundleContent> present,
                               Parcel& parcel);
  Result<void> pack_grant(std::span<const BundleContent> present, bool has_own, Parcel& parcel);
  Result<void> pack_roster(const ReadTxn& txn, std::span<const BundleContent> present, Parcel& parcel);
  Result<void> pack_carried(const ReadTxn& txn, std::span<const BundleContent> present, Parcel& parcel);
  Result<std::vector<ChunkPlace>> pack_chunks(const ReadTxn& txn, const NodeId& peer,
                                              std::span<const BundleContent> present);
  [[nodiscard]] bool concerns_us(const BundleHeader& header) const;

  Replica& replica_;
  Counts counts_;
  std::uint64_t foreign_ = 0;
  std::vector<Bytes> requests_;
  std::vector<std::vector<Bytes>> grants_;
  std::set<FileId> files_in_, files_out_;
  std::set<Custody::Name> on_stick_;  ///< in bundles of other boxes
};

}  // namespace khuoi::sync
