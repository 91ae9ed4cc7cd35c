#pragma once

#include <string_view>

#include "sync/peers/unreceipted.h"

namespace khuoi::sync {

/// How far a record of this box got on its way to the commune.
struct Reach {
  bool sent = false;      ///< it left by some path
  bool received = false;  ///< the commune's signed receipt names it
};

/// Of one record, towards `commune`. Of many: CommuneHolds.
inline Result<Reach> reach_of(const ReadTxn& txn, const Peers& peers, const NodeId& commune, const Ref& ref) {
  KHUOI_TRY(const PeerRun run, peers.run(txn, commune, run_of(ref)));
  KHUOI_TRY(const RangeSet has, received_of(txn, peers, commune, run_of(ref)));
  const bool received = has.contains(ref.number);
  return Reach{received || run.sent.contains(ref.number), received};
}

/// saved, sent or received.
inline std::string_view name_of(const Reach& reach) {
  if (reach.received) return "received";
  return reach.sent ? "sent" : "saved";
}

}  // namespace khuoi::sync
