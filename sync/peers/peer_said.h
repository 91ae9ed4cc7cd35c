#pragma once

#include "sync/peers/holdings.h"
#include "sync/peers/told_of.h"

namespace khuoi::sync {

/// What peers' statements say that they hold of this node's records: laid over what is known, if it adds up, and what of
/// it this node lost. Costs what a statement lists.
class PeerSaid final {
 public:
  PeerSaid(Core& core, Peers& peers) : core_(core), peers_(peers) {}

  /// Runs that this node does not know, which a peer is believed to hold: a node put back from a backup needs some, a
  /// hostile peer can name any number.
  static constexpr std::size_t lost_runs_max = 1024;

  /// Whether what a statement lists, laid over what is known of its signer, gives the tally that it names. One of version 1
  /// always does.
  Result<bool> adds_up(const ReadTxn& txn, const Holdings& said) const;
  /// Lays it over: what it does not list stays in one that is not whole, and goes in one that is. `heard`: its echo, where
  /// that is a head of mine. Gives whether the peer is to hear from me, since marks of later starts of it stay: its next
  /// echo tells whether it forgot them.
  Result<bool> take(Batch& batch, const Holdings& said, Path path, bool sets_aside, const Head& heard);
  /// What the peer holds of this node's own records that this node lost.
  Result<std::vector<Holdings::Want>> lost(const ReadTxn& txn, const NodeId& peer) const;

 private:
  struct Change {
    RunKey key;
    PeerRun before;
    PeerRun now;
  };
  Result<std::vector<Change>> changes(const ReadTxn& txn, const Holdings& said, const ToldOf& told, bool& more_lost);
  Result<HeldTally> tally_of(const ReadTxn& txn, const NodeId& peer) const;
  Result<RangeSet> not_here(const ReadTxn& txn, const RunKey& key, const RangeSet& received) const;
  Result<void> note_arrived(Batch& batch, const Holdings& said, Path path, const std::vector<Change>& changes);

  Core& core_;
  Peers& peers_;
};

}  // namespace khuoi::sync
