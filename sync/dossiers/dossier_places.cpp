#include "sync/dossiers/dossier_places.h"

#include <algorithm>

#include "sync/seal/hash.h"

namespace khuoi::sync {

namespace {

using Found = DossierPlaces::Found;

constexpr int joins_max = 4096;  // dossiers that became parts, one after the other

/// None where it does not decode, too.
template <typename Key>
Result<std::optional<std::uint32_t>> number_in(const Rows<Key, std::uint32_t>& rows, const ReadTxn& txn, const Key& key) {
  auto number = rows.get(txn, key);
  if (!number && number.error().code == Errc::damaged) return std::optional<std::uint32_t>();
  return number;
}

Result<std::optional<Found>> row_at(const ReadTxn& txn, std::uint32_t number) {
  auto row = dossier_rows.get(txn, number);
  if (row && !*row) return std::optional<Found>();
  if (row) return std::optional(Found{number, std::move(**row)});
  if (row.error().code != Errc::damaged) return row.error();
  return std::optional(Found{number, row.error()});
}

/// Looks at every row. Only where the id by which it would be found is damaged.
Result<std::optional<Found>> find_by_walking(const ReadTxn& txn, const DossierKey& key) {
  std::optional<Found> out;
  const auto look = [&](std::uint32_t number, StoredDossier& stored) {
    if (stored.key == key) out.emplace(Found{number, std::move(stored)});
    return out ? Walk::stop : Walk::on;
  };
  KHUOI_TRY_VOID(dossier_rows.each(txn, std::tuple<>(), look, dossier_rows.pass_over_damaged));
  return out;
}

/// Whoever takes this id away from where it leads lets the row there be found by its other one.
Result<void> keep_findable(Batch& batch, const DossierId& id) {
  KHUOI_TRY(const auto before, number_in(alias_rows, batch.txn, id));
  if (!before) return {};
  KHUOI_TRY(const auto row, row_at(batch.txn, *before));
  if (!row || !row->stored || row->stored->key.id != id) return {};
  return alias_rows.put(batch, DossierPlaces::provisional_id(row->stored->key), *before);
}

}  // namespace

DossierId DossierPlaces::provisional_id(const DossierKey& key) { return hash_id<DossierId>(octets_of_part(key)); }

Result<std::optional<Found>> DossierPlaces::find(const ReadTxn& txn, const DossierKey& key) {
  std::optional<Found> broken;
  for (const DossierId& id : {key.id, provisional_id(key)}) {
    const auto number = alias_rows.get(txn, id);
    if (!number && number.error().code == Errc::damaged) return find_by_walking(txn, key);
    if (!number) return number.error();
    if (!*number) continue;
    KHUOI_TRY(auto row, row_at(txn, **number));
    if (!row) continue;
    if (row->stored && row->stored->key == key) return row;
    if (!row->stored) broken = std::move(row);
  }
  return broken;
}

Result<std::uint32_t> DossierPlaces::resolved(const ReadTxn& txn, std::uint32_t number) {
  for (int hops = 0; hops < joins_max; ++hops) {
    KHUOI_TRY(const auto next, number_in(number_rows, txn, number));
    if (!next || *next == number) break;
    number = *next;
  }
  return number;
}

Result<DossierKey> DossierPlaces::key_at(const ReadTxn& txn, std::uint32_t number) {
  KHUOI_TRY(const auto row, row_at(txn, number));
  if (row && row->stored) return row->stored->key;
  KHUOI_TRY(const auto octets, txn.get(Table::dossier, octets_of_part(number)));
  constexpr std::size_t key_octets = sizeof(HamletId::value) + sizeof(DossierId::value);
  if (octets && octets->size() >= key_octets) {  // a row that was cut has its key yet
    const auto key = part_of<DossierKey>(octets->first(key_octets));
    for (const DossierId& id : {key->id, provisional_id(*key)}) {
      KHUOI_TRY(const auto leads_to, number_in(alias_rows, txn, id));
      if (leads_to == number) return *key;
    }
  }
  KHUOI_TRY(const auto ids, ids_of(txn, number));
  return DossierKey{HamletId(), ids.empty() ? DossierId() : ids.front()};
}

Result<std::optional<std::uint32_t>> DossierPlaces::led_to(const ReadTxn& txn, const DossierId& id) {
  KHUOI_TRY(const auto number, number_in(alias_rows, txn, id));
  if (!number) return std::optional<std::uint32_t>();
  KHUOI_TRY(const std::uint32_t at, resolved(txn, *number));
  return std::optional(at);
}

Result<std::vector<DossierId>> DossierPlaces::ids_of(const ReadTxn& txn, std::uint32_t number) {
  std::vector<DossierId> out;
  const auto look = [&](const DossierId& id, std::uint32_t leads_to) -> Result<void> {
    KHUOI_TRY(const std::uint32_t at, resolved(txn, leads_to));
    if (at == number) out.push_back(id);
    return {};
  };
  KHUOI_TRY_VOID(alias_rows.each(txn, std::tuple<>(), look, alias_rows.pass_over_damaged));
  return out;
}

Result<void> DossierPlaces::lead(Batch& batch, const DossierId& id, std::uint32_t number) {
  KHUOI_TRY(const auto before, number_in(alias_rows, batch.txn, id));
  if (before == number) return {};
  KHUOI_TRY_VOID(keep_findable(batch, id));
  return alias_rows.put(batch, id, number);
}

Result<void> DossierPlaces::forget(Batch& batch, const DossierId& id) {
  KHUOI_TRY_VOID(keep_findable(batch, id));
  return alias_rows.erase(batch, id);
}

}  // namespace khuoi::sync
