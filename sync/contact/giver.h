#pragma once

#include <deque>
#include <set>

#include "sync/contact/custody.h"
#include "sync/contact/planner.h"

namespace khuoi::sync {

/// Data of one node by name: what went out in a contact, or stands in a bundle.
struct Given {
  Planner::Gone records;            ///< refs by run
  Planner::GoneChunks chunks;
  std::set<Custody::Name> carried;  ///< segments of other boxes
  Counts counts;                    ///< what went out by this contact, or into this bundle when it was written
  /// The names alone.
  void add(const Given& other);
  void add(const ChunkPlace& place);
};

/// Chunks that one peer lacks.
struct FileQueue {
  std::deque<Planner::FileNeed> files;
  std::deque<ChunkPlace> places;  ///< of the first file
};

/// What is to go, best first.
struct Load {
  std::deque<Candidate> records;
  std::deque<FileQueue> files;        ///< after all records; peers take turns
  std::deque<Custody::Name> carried;  ///< for other boxes, after all of this node's own
  [[nodiscard]] bool empty() const { return records.empty() && files.empty() && carried.empty(); }
};

/// Gives over one path what peers lack, counts it, and notes what left: the same for a session, a stick and a radio.
class Giver final {
 public:
  Giver(Replica& replica, Path path) : replica_(replica), path_(path) {}

  /// What these peers lack and is not in `given`, fair shares for each; with what is kept for other boxes if `carries`.
  Result<Load> plan(const ReadTxn& txn, const std::vector<NodeId>& peers, const Given& given, bool carries) const;
  /// As it travels; nothing for one that was erased since it was planned.
  Result<std::optional<Sealed>> record(const ReadTxn& txn, const Candidate& candidate) const;
  /// Take the next one off the load; nothing when there is none. A chunk in `given` is passed over.
  Result<std::optional<std::pair<ChunkPlace, Bytes>>> next_chunk(const ReadTxn& txn, Load& load, const Given& given) const;
  Result<std::optional<std::pair<Custody::Name, Bytes>>> next_carried(const ReadTxn& txn, Load& load) const;
  /// It went out, or stands in what is kept whole or not at all.
  static void gave(const Candidate& candidate, Given& to);
  void gave(const ChunkPlace& place, Given& to);
  static void gave(const Custody::Name& carried, Given& to);

  /// What was given stays where it is until the peer comes by: a hamlet's own records without a receipt count as sent.
  Result<void> note_left(Batch& batch, const Given& given);
  /// The peer said that it committed all that was given (`all`), or receipts came since: a hamlet's own records, as far
  /// as either names them, left by this path. Of others' segments custody ends with the former.
  Result<void> note_taken(Batch& batch, const NodeId& peer, Given& given, bool all);

  /// Whether the peer, who has the statement of that head, should hear anew what is held of its records.
  Result<bool> owes_statement(const ReadTxn& txn, const NodeId& peer, const Head& has) const;
  /// Tagged; with the proof of its start while the peer may need it.
  struct Stated {
    Head head;
    Bytes holdings;
    std::optional<Bytes> proof;
    bool later = false;  ///< `holdings` is of version 2
    Bytes notice;        ///< beside one of version 1, for a stick
  };
  Result<Stated> state(Batch& batch, const NodeId& peer) const;

 private:
  Result<void> note_passage(Batch& batch, const Passages::Numbers& told) const;

  Replica& replica_;
  Path path_;
  std::set<FileId> files_;    ///< counted
  Passages::Numbers taken_;   ///< own records that the peer is known to have committed
};

}  // namespace khuoi::sync
