#pragma once

#include <map>

#include "sync/peers/peers.h"
#include "sync/peers/reach.h"

namespace khuoi::sync {

/// What its commune holds of a hamlet's own runs, by statement or by radio, as one picture of the store tells it. A run
/// is looked up when somebody asks for it, once. Nothing at a commune, and before the grant.
class CommuneHolds final {
 public:
  /// Borrows the transaction.
  CommuneHolds(const ReadTxn& txn, const Self& self);
  Result<Reach> reach_of(const Ref& ref);
  /// Of one run, as it stands in that picture.
  Result<PeerRun> run(const RunKey& run) const;
  /// The runs that somebody asked for.
  [[nodiscard]] const std::map<RunKey, PeerRun>& looked_up() const { return looked_up_; }

 private:
  const ReadTxn& txn_;
  NodeId self_;
  NodeId commune_;
  bool has_commune_ = false;
  std::map<RunKey, PeerRun> looked_up_;
};

}  // namespace khuoi::sync
