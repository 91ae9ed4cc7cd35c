#include "sync/replica/recount.h"

#include "sync/peers/to_go.h"
#include "sync/peers/unreceipted.h"
#include "sync/peers/untold.h"

namespace khuoi::sync {

namespace {

std::vector<NodeId> peers_of(const Core& core) {
  std::vector<NodeId> out;
  if (!core.self.granted()) return out;
  if (!core.self.is_commune()) return {core.self.commune_node};
  for (const NodeFacts* box : core.roster.nodes()) {
    if (!box->revoked) out.push_back(box->node);
  }
  return out;
}

std::string says(std::string_view what, std::uint64_t kept, std::uint64_t there) {
  return "the count of " + std::string(what) + " says " + std::to_string(kept) + ", and there are " + std::to_string(there);
}

}  // namespace

Result<void> Recount::all(Batch& batch, Core& core, const Peers& peers, const Items& items) {
  KHUOI_TRY(const Totals totals, core.runs.count_totals(batch.txn));
  KHUOI_TRY_VOID(core.runs.put_totals(batch, totals));
  KHUOI_TRY_VOID(Unreceipted::forget(batch));
  KHUOI_TRY_VOID(Unreceipted::count_if_none(batch, core.self, core.runs));
  KHUOI_TRY_VOID(ToGo(core, core.runs, peers).recount(batch));
  KHUOI_TRY_VOID(Untold::forget(batch));
  return items.recount(batch);
}

Result<void> Recount::keep(Batch& batch, Core& core) {
  KHUOI_TRY_VOID(core.runs.flush_totals(batch));
  return Unreceipted::count_if_none(batch, core.self, core.runs);
}

Result<std::vector<std::string>> Recount::wrong(const ReadTxn& txn, Core& core, const Peers& peers, const Items& items) {
  std::vector<std::string> out;
  const auto compare = [&](std::string_view what, std::uint64_t kept, std::uint64_t there) {
    if (kept != there) out.push_back(says(what, kept, there));
  };
  KHUOI_TRY(const auto kept, core.runs.totals(txn));
  if (!kept) return out;
  KHUOI_TRY(const Totals there, core.runs.count_totals(txn));
  compare("people's records", kept->records, there.records);
  compare("forked runs", kept->forks, there.forks);
  compare("runs of before the grant", kept->local_runs, there.local_runs);
  KHUOI_TRY(const auto open, Unreceipted::of(txn, core.self));
  if (open && !core.self.is_commune()) {
    KHUOI_TRY(const Unreceipted open_there, Unreceipted::count(txn, core.self, core.runs));
    compare("records of general forms without a receipt", open->general, open_there.general);
    compare("records of health without a receipt", open->health, open_there.health);
  }
  for (const NodeId& peer : peers_of(core)) {
    KHUOI_TRY(const bool right, ToGo(core, core.runs, peers).is_right(txn, peer));
    if (!right) out.push_back("the list of what " + peer.hex() + " lacks does not name all of it");
  }
  KHUOI_TRY(const auto of_items, items.miscounts(txn));
  out.insert(out.end(), of_items.begin(), of_items.end());
  return out;
}

}  // namespace khuoi::sync
