#pragma once

#include <set>
#include <span>

#include "sync/contact/pieces.h"
#include "sync/contact/planner.h"
#include "sync/wire/segment.h"

namespace khuoi::sync {

/// Takes in what comes over one path, and counts it: the same for a session, a stick and a radio. What is wrong is counted
/// and told; errors are the store's.
class Taker final {
 public:
  Taker(Replica& replica, Path path) : replica_(replica), path_(path) {}

  /// `vouched`: its author proved that it gives this.
  Result<Taken> record(Batch& batch, const Sealed& record, bool vouched, const OpenedRecord* opened = nullptr);
  /// Whether one of ours wrote the segment, told by its signature.
  [[nodiscard]] bool proves(const Segment& segment) const;
  [[nodiscard]] bool proves(const HeldSegment& held) const;
  /// Records of a segment of this commune that `writer`, one of ours, proved; those meant for others are passed over, and all
  /// are named in `stands`. `opened`: for each of them what was made of it beforehand; may be empty. False: something was
  /// refused.
  struct Part {
    NodeId writer;
    std::span<const Sealed> records;
    std::span<const std::optional<OpenedRecord>> opened;
  };
  Result<bool> records(Batch& batch, const Part& part, Planner::Gone* stands = nullptr);
  /// Counts a segment that is of no use.
  void note_refused() { ++tally_.counts.records_rejected; }
  /// A segment that another box wrote for the commune: there it is taken in, elsewhere kept for the next stick or contact.
  /// What this node wrote before it was restored comes home so, too. False: nobody of ours wrote it.
  Result<bool> carried(Batch& batch, const Segment& segment);

  enum class Said : std::uint8_t { news, nothing_new, of_a_later_version, wrong };
  /// A tagged statement, and who proved that it brings it (nobody: zero). What the commune told another box ends custody
  /// here of what it names.
  Result<Said> statement(Batch& batch, ByteView tagged, const NodeId& brought_by);
  /// `hash` is that of the octets, if somebody computed it already.
  Result<ChunkOutcome> chunk(Batch& batch, const ChunkPlace& place, ByteView octets, const std::optional<ChunkHash>& hash);
  /// That peer itself was heard from; `roster_digest` of the statements that it knows, if it said so.
  Result<void> heard(Batch& batch, const NodeId& peer, const std::optional<std::uint64_t>& roster_digest = {});

  [[nodiscard]] Counts& counts() { return tally_.counts; }
  [[nodiscard]] const Counts& counts() const { return tally_.counts; }

  /// What it has counted and noted for itself: whoever drops a batch puts back what was here before it.
  struct Tally {
    Counts counts;
    std::set<FileId> files;
    std::set<FileId> told_path;  ///< it is noted that they came by this path
  };
  [[nodiscard]] Tally& tally() { return tally_; }

 private:
  Result<void> end_custody(Batch& batch, ByteView statement);

  Replica& replica_;
  Path path_;
  Tally tally_;
};

}  // namespace khuoi::sync
