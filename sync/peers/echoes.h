#pragma once

#include <set>

#include "sync/log/run_writer.h"
#include "sync/peers/holdings.h"

namespace khuoi::sync {

/// Which heads are whose: what peers echo of this node's statements, and pasts that it or they lost.
class Echoes final {
 public:
  /// Borrows all for its life.
  Echoes(Core& core, Peers& peers, Starts& starts, RunWriter& writer)
      : core_(core), peers_(peers), starts_(starts), writer_(writer) {}

  /// A peer told which of my statements it has. Never raises my ordinal: anybody can name a head that I never gave.
  Result<void> note(Batch& batch, const NodeId& peer, const Head& echo);
  /// A session or a bundle of this peer begins: in it one echo that I never gave is answered, the others are passed over.
  void begin_visit(const NodeId& peer) { disputed_.erase(peer); }
  /// A peer's statement is no later than the one applied: its signer may have lost a past, or I did.
  Result<void> answer_the_past(Batch& batch, const Holdings& said);
  /// Whether this head of a peer's statement is later than all that were heard of the same start.
  Result<bool> first_heard(Batch& batch, const NodeId& peer, const Head& head);
  /// My own signature tells of a start of mine, and somebody who brought it (nobody: zero). Of one that I cannot remember
  /// this node takes a later start, and states anew to who brought it. Gives whether it was news.
  Result<bool> note_own_start(Batch& batch, std::uint32_t ordinal, const StartId& id, const NodeId& brought_by);
  /// Whether this node gave that head, in this life.
  Result<bool> is_mine(const ReadTxn& txn, const NodeId& peer, const Head& head) const;
  /// After a failed commit.
  void forget() { disputed_.clear(); }

 private:
  Result<bool> is_mine(const ReadTxn& txn, const PeerRow& row, const Head& head) const;
  Result<void> dispute(Batch& batch, const NodeId& peer, PeerRow row, const Head& echo);

  Core& core_;
  Peers& peers_;
  Starts& starts_;
  RunWriter& writer_;
  std::set<NodeId> disputed_;  ///< peers with an echo that was answered in this session or bundle
};

}  // namespace khuoi::sync
