#include "node/acts/desk_marks.h"

namespace khuoi::node {

Result<void> add_desk_note(sync::Batch& batch, std::uint32_t number, const DeskNote& note) {
  KHUOI_TRY(const auto last, desk_note_rows.last(batch.txn, number));
  return desk_note_rows.put(batch, {number, last ? last->second + 1 : 1}, note);
}

Result<std::vector<DeskNote>> desk_notes(const sync::ReadTxn& txn, std::uint32_t number) {
  std::vector<DeskNote> out;
  KHUOI_TRY_VOID(desk_note_rows.each(
      txn, number, [&](const auto&, DeskNote& note) { out.push_back(std::move(note)); },
      desk_note_rows.pass_over_damaged));
  return out;
}

Result<void> erase_desk_rows(sync::Batch& batch, std::uint32_t number) {
  KHUOI_TRY(const auto notes, desk_note_rows.keys(batch.txn, number));
  for (const auto& key : notes) KHUOI_TRY_VOID(desk_note_rows.erase(batch, key));
  return desk_mark_rows.erase(batch, number);
}

}  // namespace khuoi::node
