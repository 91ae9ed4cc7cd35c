#include "sync/dossiers/dossier_marks.h"

namespace khuoi::sync {

namespace {
auto flags_of(auto& mark) { return Flags(mark.stale, mark.conflict, mark.unreadable, mark.damaged, mark.fold_again); }

void change(std::uint64_t& count, bool counts, bool up) {
  if (!counts) return;
  if (up)
    ++count;
  else if (count > 0)
    --count;
}

void change_all(DossierCounts& counts, const DossierMark& mark, bool up) {
  change(counts.stale, mark.stale, up);
  change(counts.unreadable, mark.unreadable && !mark.damaged, up);
  change(counts.damaged, mark.damaged, up);
  change(counts.fold_again, mark.fold_again, up);
}
}  // namespace

void DossierMark::write(Writer& to) const { flags_of(*this).write(to); }

void DossierMark::read(Reader& from) {
  if (!from.rest().empty()) flags_of(*this).read(from);
}

void DossierCounts::add(const DossierMark& mark) { change_all(*this, mark, true); }
void DossierCounts::take_away(const DossierMark& mark) { change_all(*this, mark, false); }

Result<std::optional<DossierCounts>> DossierMarks::counts(const ReadTxn& txn) {
  KHUOI_TRY(auto out, dossier_counts_rows.get(txn, {}));
  KHUOI_TRY(const std::uint64_t record_rows, txn.entries(Table::record));
  return out && out->record_rows == record_rows ? out : std::optional<DossierCounts>();
}

Result<void> DossierMarks::put(Batch& batch, std::uint32_t number, const DossierMark& mark) {
  KHUOI_TRY(const auto present, dossier_mark_rows.get(batch.txn, number));
  const DossierMark before = present.value_or(DossierMark());
  if (mark.none() && !present) return {};
  if (before != mark) {
    KHUOI_TRY(auto counts, dossier_counts_rows.get(batch.txn, {}));
    if (counts) {
      counts->take_away(before);
      counts->add(mark);
      KHUOI_TRY_VOID(dossier_counts_rows.put(batch, {}, *counts));
    }
  }
  return mark.none() ? dossier_mark_rows.erase(batch, number) : dossier_mark_rows.put(batch, number, mark);
}

Result<void> DossierMarks::flush(Batch& batch) {
  KHUOI_TRY(auto counts, dossier_counts_rows.get(batch.txn, {}));
  KHUOI_TRY(const std::uint64_t record_rows, batch.txn.entries(Table::record));
  if (!counts || counts->record_rows == record_rows) return {};
  counts->record_rows = record_rows;
  return dossier_counts_rows.put(batch, {}, *counts);
}

Result<void> DossierMarks::put_all(Batch& batch, const std::map<std::uint32_t, DossierMark>& marks) {
  DossierCounts counts;
  KHUOI_TRY(const auto present, dossier_mark_rows.keys(batch.txn));
  for (const std::uint32_t number : present) {
    if (!marks.contains(number)) KHUOI_TRY_VOID(dossier_mark_rows.erase(batch, number));
  }
  for (const auto& [number, mark] : marks) {
    counts.add(mark);
    KHUOI_TRY_VOID(dossier_mark_rows.put(batch, number, mark));
  }
  KHUOI_TRY(counts.record_rows, batch.txn.entries(Table::record));
  return dossier_counts_rows.put(batch, {}, counts);
}

}  // namespace khuoi::sync
