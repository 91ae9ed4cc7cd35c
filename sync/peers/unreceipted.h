#pragma once

#include "sync/log/core.h"
#include "sync/peers/peers.h"

namespace khuoi::sync {

/// How many of a hamlet's own records of people its commune has not said to hold, by statement or by radio: table `note`,
/// kind unreceipted. Kept with the rows of runs and of what the commune holds; none: to be counted.
struct Unreceipted {
  NodeId author;
  NodeId peer;
  std::uint64_t general = 0;
  std::uint64_t health = 0;
  static auto parts(auto& row) { return parts_of(row.author, row.peer, row.general, row.health); }
  bool operator==(const Unreceipted&) const = default;

  /// Nothing where it has to be counted: none was kept, or not of this author and commune.
  static Result<std::optional<Unreceipted>> of(const ReadTxn& txn, const Self& self);
  static Result<Unreceipted> count(const ReadTxn& txn, const Self& self, Runs& runs);
  /// At the end of a hamlet's commit.
  static Result<void> count_if_none(Batch& batch, const Self& self, Runs& runs);
  static Result<void> forget(Batch& batch);

  /// Records of a run came to be held.
  static Result<void> on_written(Batch& batch, const RunKey& key, const RunRow& row, const RangeSet& numbers);
  /// What the peer said to hold of a run, by all paths, became another.
  static Result<void> on_said(Batch& batch, const NodeId& peer, const RunKey& key, const RangeSet& before,
                              const RangeSet& now);
  /// Whether on_said() would do anything.
  static Result<bool> counts(const ReadTxn& txn, const NodeId& peer, const RunKey& key);
};

/// What the peer holds of a run, by its statements or by radio.
Result<RangeSet> received_of(const ReadTxn& txn, const Peers& peers, const NodeId& peer, const RunKey& key);

}  // namespace khuoi::sync
