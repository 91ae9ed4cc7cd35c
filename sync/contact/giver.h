#pragma once

#include <set>

#include "sync/contact/planner.h"

namespace khuoi::sync {

/// Gives what was planned over one path, counts it, and notes what left: the same for a session, a stick and a radio.
class Giver final {
 public:
  Giver(Replica& replica, Path path) : replica_(replica), path_(path) {}

  /// As it travels; nothing for one that was erased since it was planned.
  Result<std::optional<Sealed>> record(const ReadTxn& txn, const Candidate& candidate) const;
  /// It went out, or stands in what is kept whole or not at all; then `counts` are that thing's own.
  static void count(const Candidate& candidate, Counts& counts);
  void count(const ChunkPlace& place, Counts& counts);

  /// A hamlet's own records left towards its commune: `open`, those without a receipt, count as sent. People are told of
  /// `told`, or else of those of `open` that had not left by any path before. At a commune nothing is noted.
  Result<void> note_left(Batch& batch, const Planner::Gone& open, const Passages::Numbers* told = nullptr);

 private:
  Replica& replica_;
  Path path_;
  std::set<FileId> files_;
};

/// Chunks of one file, level by level: adds one.
void add_place(HeldChunks& held, const ChunkPlace& place);

}  // namespace khuoi::sync
