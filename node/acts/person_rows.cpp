#include "node/acts/person_rows.h"

namespace khuoi::node {

Result<Capabilities> opened_by(const sync::ReadTxn& txn, const std::string& person) {
  KHUOI_TRY(const std::uint64_t bits, person_rows.get_or_new(txn, person));
  return Capabilities::from_bits(bits);
}

Result<void> put_opened(sync::Batch& batch, const std::string& person, Capabilities opens) {
  return person_rows.put(batch, person, opens.bits());
}

Result<void> put_person_rows(sync::Batch& batch, const std::string& person, Capabilities opens, bool given) {
  KHUOI_TRY_VOID(given_rows.put(batch, person, given ? 1 : 0));
  return put_opened(batch, person, opens);
}

Result<void> erase_pin(sync::Batch& batch, const std::string& person) { return pin_rows.erase(batch, person); }

Result<void> erase_person_rows(sync::Batch& batch, const std::string& person) {
  KHUOI_TRY_VOID(person_rows.erase(batch, person));
  KHUOI_TRY_VOID(pin_rows.erase(batch, person));
  return given_rows.erase(batch, person);
}

}  // namespace khuoi::node
