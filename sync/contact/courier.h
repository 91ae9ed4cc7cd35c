#pragma once

#include "sync/contact/custody.h"
#include "sync/contact/giver.h"
#include "sync/contact/pieces.h"
#include "sync/contact/taker.h"

namespace khuoi::sync {

/// What stands in one bundle on a stick, as far as its segments are whole.
struct BundleContent {
  BundleHeader header;
  Planner::Gone records;                            ///< refs by run
  std::vector<std::pair<NodeId, Head>> holdings;    ///< of the writer: to whom, and how new
  std::set<std::array<std::uint8_t, 16>> roster;    ///< hashes of roster statements
  std::map<FileId, HeldChunks> chunks;
  std::set<std::array<std::uint8_t, 16>> later;     ///< hashes of tagged statements in segments of type 5
  std::set<Custody::Name> carried;                  ///< segments of other boxes
  bool request = false;
  bool damaged = false;                             ///< something was skipped, or did not verify
  bool proved = false;                              ///< something in it is its writer's own, by signature or index
  Counts written;                                   ///< of a bundle written now: counted when it is known to stay
};

/// A file on a stick. Name and length are hints: they can be anybody's.
struct BundleFile {
  std::string_view name;
  std::uint64_t octets = 0;
  std::optional<BundleHash> hash;
};

/// The rules of a stick, apart from files: what to take in, what may go, what to write. One object a sync. Used by
/// node/ on a filesystem and by sim/ in memory.
class Courier final {
 public:
  explicit Courier(Replica& replica) : replica_(replica), taker_(replica, Path::stick), giver_(replica, Path::stick) {}

  /// Asked for a fresh batch whenever enough has gathered and was committed.
  using Begin = std::function<Result<Replica::Work>()>;
  /// Whether a bundle of that name and length was taken in before: only then it is worth hashing before it is read.
  static Result<bool> may_know(const ReadTxn& txn, const BundleFile& file);
  /// Whether this very file of somebody else, by its hash, was taken in whole before, and something in it was proved to
  /// be its writer's: then there is nothing in it for us.
  Result<bool> knows(const ReadTxn& txn, const BundleFile& file);
  /// Asked for the next piece of a bundle, until the last, never while a batch is open.
  using Pieces = std::function<Result<SegmentPiece>()>;
  /// Takes in a whole bundle, a commit a piece; its hash comes with the last. Of a bundle of another commune nothing is
  /// asked for (foreign() counts it). Errors: those of `pieces`, `begin` and the store; what was committed before stays.
  Result<BundleContent> take_in(const BundleHeader& header, const Pieces& pieces, const BundleFile& file,
                                const Begin& begin);
  Result<BundleContent> take_in(BundleReader& reader, const BundleFile& file, const Begin& begin);
  [[nodiscard]] bool is_mine(const BundleHeader& header) const { return header.writer == replica_.self().node; }
  /// After all bundles were taken in: whether everything in a bundle of mine has arrived, so that it may be removed.
  Result<bool> may_drop(const ReadTxn& txn, const BundleContent& content);
  /// At a hamlet, likewise, of a bundle that may not be dropped: whether the commune left a new receipt on this very
  /// stick, so that it has had the bundle before it, and the receipt still lacks what the bundle carries. Then that goes
  /// into a new bundle, and this one is removed.
  Result<bool> passed_over(const ReadTxn& txn, const BundleContent& content);
  /// And it has not left any more, until it is written again.
  Result<void> unmark_sent(Batch& batch, const BundleContent& content);

  /// A statement of my own that should be made for a peer.
  struct DueStatement {
    NodeId peer;
    bool stale = false;      ///< nothing changed, but the last one is old
    std::size_t octets = 0;  ///< about so many
  };
  /// What should be written besides what `present` (my bundles that stay) holds.
  struct Parcel {
    std::vector<DueStatement> due;       ///< not made yet
    std::vector<Bytes> statements;       ///< tagged
    std::vector<Bytes> later;            ///< tagged, for segments of type 5; they only go with something else
    std::vector<Candidate> records;      ///< best first
    std::vector<ChunkPlace> chunks;      ///< after all records
    std::vector<Custody::Name> carried;  ///< for other boxes, after all of this node's own
    Bytes request;                       ///< before the grant: the enrolment request
    [[nodiscard]] bool empty() const {
      return due.empty() && statements.empty() && records.empty() && chunks.empty() && carried.empty() && request.empty();
    }
  };
  /// A question: changes nothing. Its statements are due, and not made.
  Result<Parcel> plan(const ReadTxn& txn, const Now& now, std::span<const BundleContent> present) const;
  /// A plan whose statements are made: it may be written once the batch is committed.
  Result<Parcel> pack(Batch& batch, std::span<const BundleContent> present);
  /// Writes the parcel through `sink` until `octets_max` is used, whole segments only. Gives what went in. A statement that
  /// is due and was not made is left out.
  using Sink = std::function<Result<void>(ByteView octets)>;
  Result<BundleContent> write(const ReadTxn& txn, const Parcel& parcel, std::uint64_t octets_max, const Sink& sink);
  /// The stick was read back whole: what it holds has left (a hint only), and is counted.
  Result<void> mark_sent(Batch& batch, const BundleContent& written);

  [[nodiscard]] const Counts& counts() const { return taker_.counts(); }
  [[nodiscard]] std::uint64_t foreign() const { return foreign_; }
  /// Enrolment requests found, for a commune to show; grants found, for a hamlet to accept.
  [[nodiscard]] const std::vector<Bytes>& requests() const { return requests_; }
  [[nodiscard]] const std::vector<std::vector<Bytes>>& grants() const { return grants_; }

 private:
  using TakePiece = std::function<Result<void>(Batch& batch, const SegmentPiece& piece)>;
  static Result<void> each_piece(const Pieces& pieces, const Begin& begin, BundleContent& content,
                                 const TakePiece& take);
  Result<void> take_own(const Pieces& pieces, const BundleFile& file, const Begin& begin, BundleContent& content);
  Result<void> take_custody(const Pieces& pieces, const BundleFile& file, const Begin& begin, BundleContent& content);
  static Result<void> note_known(Batch& batch, const BundleFile& file, const BundleHash& hash, ByteView value);
  Result<void> keep_for_another(Batch& batch, const Segment& segment, BundleContent& content);
  Result<void> note_for_another(Batch& batch, ByteView statement);
  Result<void> take_segment(Batch& batch, const HeldSegment& held, bool mine, BundleContent& content);
  bool proves(const Segment& segment, BundleContent& content) const;
  Result<void> take_records(Batch& batch, const Segment& segment, bool mine, BundleContent& content);
  Result<void> take_statements(Batch& batch, const Segment& segment, bool mine, BundleContent& content);
  Result<void> take_statement(Batch& batch, ByteView tagged, const NodeId& brought_by, BundleContent& content);
  Result<void> take_own_statement(Batch& batch, ByteView tagged, BundleContent& content);
  Result<void> take_later(Batch& batch, const Segment& segment, bool mine, BundleContent& content);
  Result<void> take_chunk(Batch& batch, const HeldSegment& held, bool mine, BundleContent& content);
  Result<bool> records_arrived(const ReadTxn& txn, const NodeId& peer, const BundleContent& content);
  Result<bool> files_arrived(const ReadTxn& txn, const NodeId& peer, const BundleContent& content);
  Result<bool> holdings_settled(const ReadTxn& txn, const NodeId& peer, const Head& head);
  Result<std::optional<DueStatement>> due_for(const ReadTxn& txn, const Now& now, const NodeId& peer, bool has_records,
                                              std::span<const BundleContent> present) const;
  Result<void> make_statements(Batch& batch, std::span<const BundleContent> present, Parcel& parcel);
  Result<void> pack_proofs(const ReadTxn& txn, std::span<const BundleContent> present, Parcel& parcel) const;
  static void pack_later(Bytes tagged, std::span<const BundleContent> present, Parcel& parcel);
  Result<void> pack_grant(std::span<const BundleContent> present, bool has_own, Parcel& parcel) const;
  Result<void> pack_roster(const ReadTxn& txn, std::span<const BundleContent> present, Parcel& parcel) const;
  Result<void> pack_carried(const ReadTxn& txn, std::span<const BundleContent> present, Parcel& parcel) const;
  Result<std::vector<ChunkPlace>> pack_chunks(const ReadTxn& txn, const NodeId& peer,
                                              std::span<const BundleContent> present) const;
  [[nodiscard]] bool concerns_us(const BundleHeader& header) const;

  Replica& replica_;
  Taker taker_;
  Giver giver_;
  std::uint64_t foreign_ = 0;
  std::vector<Bytes> requests_;
  std::vector<std::vector<Bytes>> grants_;
  std::set<Custody::Name> on_stick_;  ///< in bundles of other boxes
  bool receipt_came_ = false;         ///< the commune's, and new, in a bundle that it wrote
};

}  // namespace khuoi::sync
