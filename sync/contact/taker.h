#pragma once

#include <set>
#include <span>

#include "sync/replica/replica.h"
#include "sync/wire/segment.h"

namespace khuoi::sync {

/// Takes in what comes over one path, and counts it: the same for a session, a stick and a radio. What is wrong is counted
/// and told; errors are the store's.
class Taker final {
 public:
  Taker(Replica& replica, Path path) : replica_(replica), path_(path) {}

  /// `giver` proved that it gives this; what it wrote itself counts as vouched for.
  Result<Taken> record(Batch& batch, const Sealed& record, const NodeId& giver) {
    return this->record(batch, record, record.header.author == giver);
  }
  Result<Taken> record(Batch& batch, const Sealed& record, bool vouched);
  /// A block of records that somebody who is not its author's neighbour brought, in its author's signed segment. False:
  /// nobody of ours signed it.
  Result<bool> carried(Batch& batch, ByteView segment);

  enum class Said : std::uint8_t { news, nothing_new, of_a_later_version, wrong };
  /// A tagged statement, and who proved that it brings it (nobody: zero).
  Result<Said> statement(Batch& batch, ByteView tagged, const NodeId& brought_by);
  /// `hash` is that of the octets, if somebody computed it already.
  Result<ChunkOutcome> chunk(Batch& batch, const ChunkPlace& place, ByteView octets, const std::optional<ChunkHash>& hash);
  /// That peer itself was heard from; `roster_digest` of the statements that it knows, if it said so.
  Result<void> heard(Batch& batch, const NodeId& peer, const std::optional<std::uint64_t>& roster_digest = {});
  void reject() { ++counts_.records_rejected; }

  [[nodiscard]] Counts& counts() { return counts_; }
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  Replica& replica_;
  Path path_;
  Counts counts_;
  std::set<FileId> files_;
};

}  // namespace khuoi::sync
