#include "sync/contact/giver.h"

namespace khuoi::sync {

Result<std::optional<Sealed>> Giver::record(const ReadTxn& txn, const Candidate& candidate) const {
  auto record = replica_.sealed(txn, candidate.ref);
  if (record) return std::optional(std::move(*record));
  if (record.error().code == Errc::not_found) return std::optional<Sealed>();
  return record.error();
}

void Giver::count(const Candidate& candidate, Counts& counts) {
  ++(candidate.peoples ? counts.records_out : counts.control_out);
}

void Giver::count(const ChunkPlace& place, Counts& counts) {
  if (files_.insert(place.file).second) ++counts.attachments_out;
}

Result<void> Giver::note_left(Batch& batch, const Planner::Gone& open, const Passages::Numbers* told) {
  if (replica_.self().is_commune()) return {};
  KHUOI_TRY(const auto first, replica_.peers().mark_sent(batch, replica_.self().commune_node, open));
  return Passages::note(batch, Passages::Kind::sent, path_, replica_.receipts().moment(batch.now),
                        told != nullptr ? *told : first);
}

void add_place(HeldChunks& held, const ChunkPlace& place) {
  if (held.size() <= place.level) held.resize(place.level + 1U);
  held[place.level].add(place.index);
}

}  // namespace khuoi::sync
