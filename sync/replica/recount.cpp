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

/// What a fold of this program could make of a conflict is not known yet.
Result<void> mark_dossiers(Batch& batch, const Dossiers& dossiers) {
  KHUOI_TRY(auto marks, dossiers.marks_there(batch.txn));
  for (auto& [number, mark] : marks) mark.fold_again = mark.conflict;
  return DossierMarks::put_all(batch, marks);
}

/// That a row is damaged may not have been noted yet, and that one was mended neither.
Result<void> compare_marks(const ReadTxn& txn, const Dossiers& dossiers, const auto& compare) {
  KHUOI_TRY(const auto kept, DossierMarks::counts(txn));
  if (!kept) return {};
  KHUOI_TRY(auto there, dossiers.marks_there(txn));
  DossierCounts marked;
  std::uint64_t wrong = 0;
  KHUOI_TRY_VOID(dossier_mark_rows.each(txn, [&](std::uint32_t number, const DossierMark& mark) {
    marked.add(mark);
    DossierMark now = there[number];
    now.fold_again = mark.fold_again;
    wrong += mark == now || mark.damaged || now.damaged ? 0U : 1U;
    there.erase(number);
  }));
  for (const auto& [number, mark] : there) wrong += mark.damaged ? 0U : 1U;
  compare("stale dossiers", kept->stale, marked.stale);
  compare("dossiers that cannot be read whole", kept->unreadable, marked.unreadable);
  compare("damaged dossiers", kept->damaged, marked.damaged);
  compare("dossiers to be folded again", kept->fold_again, marked.fold_again);
  compare("dossiers that are marked wrongly", 0, wrong);
  return {};
}

}  // namespace

Result<void> Recount::all(Batch& batch, Core& core, const Peers& peers, const Items& items, const Dossiers& dossiers) {
  KHUOI_TRY(const Totals totals, core.runs.count_totals(batch.txn));
  KHUOI_TRY_VOID(core.runs.put_totals(batch, totals));
  KHUOI_TRY_VOID(Unreceipted::forget(batch));
  KHUOI_TRY_VOID(Unreceipted::count_if_none(batch, core.self, core.runs));
  KHUOI_TRY_VOID(ToGo(core, core.runs, peers).recount(batch));
  KHUOI_TRY_VOID(Untold::forget(batch));
  KHUOI_TRY_VOID(mark_dossiers(batch, dossiers));
  return items.recount(batch);
}

Result<void> Recount::keep(Batch& batch, Core& core, Dossiers& dossiers) {
  KHUOI_TRY_VOID(dossiers.note_damaged(batch, dossiers.take_damaged()));
  KHUOI_TRY_VOID(core.runs.flush_totals(batch));
  KHUOI_TRY(const auto marked, dossier_counts_rows.get(batch.txn, {}));
  KHUOI_TRY_VOID(marked ? DossierMarks::flush(batch) : mark_dossiers(batch, dossiers));
  return Unreceipted::count_if_none(batch, core.self, core.runs);
}

Result<std::vector<std::string>> Recount::wrong(const ReadTxn& txn, Core& core, const Peers& peers, const Items& items,
                                                const Dossiers& dossiers) {
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
  KHUOI_TRY_VOID(compare_marks(txn, dossiers, compare));
  KHUOI_TRY(const auto of_items, items.miscounts(txn));
  out.insert(out.end(), of_items.begin(), of_items.end());
  return out;
}

}  // namespace khuoi::sync
