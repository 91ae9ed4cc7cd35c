#include "sync/peers/commune_holds.h"

#include "sync/peers/radio_marks.h"

namespace khuoi::sync {

CommuneHolds::CommuneHolds(const ReadTxn& txn, const Self& self)
    : txn_(txn), self_(self.node), commune_(self.commune_node), has_commune_(!self.is_commune() && self.granted()) {}

Result<PeerRun> CommuneHolds::run(const RunKey& run) const {
  if (!has_commune_ || run.author != self_) return PeerRun();
  const Peers peers;
  KHUOI_TRY(PeerRun out, peers.run(txn_, commune_, run));
  KHUOI_TRY(const RadioMark by_radio, RadioMarks::of(txn_, commune_, run));
  out.received.add(by_radio.received);
  return out;
}

Result<Reach> CommuneHolds::reach_of(const Ref& ref) {
  auto run = looked_up_.find(run_of(ref));
  if (run == looked_up_.end()) {
    KHUOI_TRY(PeerRun holds, this->run(run_of(ref)));
    run = looked_up_.emplace(run_of(ref), std::move(holds)).first;
  }
  const bool received = run->second.received.contains(ref.number);
  return Reach{received || run->second.sent.contains(ref.number), received};
}

}  // namespace khuoi::sync
