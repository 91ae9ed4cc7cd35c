#include "node/acts/person_rows.h"

namespace khuoi::node {

Result<Capabilities> opened_by(const sync::ReadTxn& txn, const std::string& person) {
  KHUOI_TRY(const std::uint64_t bits, sync::meta_number(txn, person_row(person)));
  return Capabilities::from_bits(bits);
}

Result<void> put_opened(sync::Batch& batch, const std::string& person, Capabilities opens) {
  return sync::put_meta_number(batch, person_row(person), opens.bits());
}

Result<void> put_person_rows(sync::Batch& batch, const std::string& person, Capabilities opens, bool given) {
  KHUOI_TRY_VOID(sync::put_meta_number(batch, given_row(person), given ? 1 : 0));
  return put_opened(batch, person, opens);
}

Result<void> erase_pin(sync::Batch& batch, const std::string& person) {
  return batch.txn.erase(sync::Table::meta, view_of(pin_row(person)));
}

Result<void> erase_person_rows(sync::Batch& batch, const std::string& person) {
  for (const std::string& row : {person_row(person), pin_row(person), given_row(person)})
    KHUOI_TRY_VOID(batch.txn.erase(sync::Table::meta, view_of(row)));
  return {};
}

}  // namespace khuoi::node
