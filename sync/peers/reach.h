#pragma once

#include <map>
#include <string_view>

#include "sync/peers/unreceipted.h"

namespace khuoi::sync {

/// How far a record of this box got on its way to the commune.
struct Reach {
  bool sent = false;      ///< it left by some path
  bool received = false;  ///< the commune's signed receipt names it
};

/// `holds`: what the commune holds of this box's runs (Dossiers::commune_holds).
inline Reach reach_of(const std::map<RunKey, PeerRun>& holds, const Ref& ref) {
  const auto run = holds.find(run_of(ref));
  if (run == holds.end()) return {};
  const bool received = run->second.received.contains(ref.number);
  return {received || run->second.sent.contains(ref.number), received};
}

/// The same of one record, towards `commune`.
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
