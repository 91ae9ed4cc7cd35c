#include "node/people/person_rows.h"

namespace khuoi::node {

using sync::Lock;
using sync::LockKey;

unsigned domains_opened_by(const std::vector<LockKey>& keys) {
  unsigned out = 0;
  for (const LockKey& key : keys) {
    if (key.lock == Lock::general) out |= person_general;
    if (key.lock == Lock::health) out |= person_health;
  }
  return out;
}

Result<void> put_person_rows(sync::Batch& batch, const std::string& person, const std::vector<LockKey>& keys,
                             bool given) {
  KHUOI_TRY_VOID(sync::put_meta_number(batch, given_row(person), given ? 1 : 0));
  return sync::put_meta_number(batch, person_row(person), domains_opened_by(keys));
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
