#pragma once

#include <set>

#include "sync/log/outgoing.h"
#include "sync/membership/membership.h"
#include "sync/peers/peers.h"

namespace khuoi::sync {

/// Which of this node's runs and attachments a peer may still lack, without a look at those that it has: what changed since
/// its latest statement was applied, and what that left open. Table `note`, kinds looked_after and to_go.
class ToGo final {
 public:
  ToGo(const Membership& members, Runs& runs, const Peers& peers) : members_(members), runs_(runs), peers_(peers) {}

  /// Among them some that the peer has, or that do not go to it.
  struct Things {
    std::set<RunId> runs;
    std::set<FileId> files;
  };
  Result<Things> of(const ReadTxn& txn, const NodeId& peer) const;
  /// The peer's statement was applied, and its row is written.
  Result<void> on_statement(Batch& batch, const NodeId& peer) const;
  /// Puts everything of this node's own that is missing in the order of Outgoing, and looks after every peer anew.
  Result<void> recount(Batch& batch) const;
  /// Whether of() gives what a walk over everything would give that the peer lacks.
  Result<bool> is_right(const ReadTxn& txn, const NodeId& peer) const;

 private:
  static void add(const Outgoing& one, Things& to);
  Result<Things> everything(const ReadTxn& txn) const;
  Result<bool> lacks(const ReadTxn& txn, const NodeId& peer, const Outgoing& one) const;
  Result<bool> lacks_run(const ReadTxn& txn, const NodeId& peer, const RunKey& key) const;
  Result<bool> lacks_file(const ReadTxn& txn, const NodeId& peer, const FileId& file) const;

  const Membership& members_;
  Runs& runs_;
  const Peers& peers_;
};

}  // namespace khuoi::sync
