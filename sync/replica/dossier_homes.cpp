// Under which key a record's dossier stands: edits may come before what they edit, and each domain has dossiers of its own.
#include <algorithm>

#include "sync/dossiers/dossiers.h"

namespace khuoi::sync {

namespace {

Bytes moved_name(const DossierKey& key) {
  Bytes out = to_bytes(view_of("moved/"));
  append(out, octets_of(key));
  return out;
}
constexpr int moves_max = 4096;  // of edits that came backwards, the last one first

/// Where a dossier of the other domain stands that goes by the same instanceID. Its own counterpart is the former.
DossierKey counterpart(DossierKey key) {
  for (std::uint8_t& octet : key.id.value) octet = static_cast<std::uint8_t>(~octet);
  return key;
}

}  // namespace

Result<DossierKey> Dossiers::home_of(const ReadTxn& txn, DossierKey key) const {
  for (int hops = 0; hops < moves_max; ++hops) {
    KHUOI_TRY(const auto to, txn.get(Table::meta, moved_name(key)));
    const auto id = to ? DossierId::from(*to) : std::nullopt;
    if (!id || *id == key.id) break;
    key.id = *id;
  }
  return key;
}

Result<DossierKey> Dossiers::home_of(const ReadTxn& txn, const DossierKey& key, Domain domain) const {
  KHUOI_TRY(const DossierKey first, home_of(txn, key));
  KHUOI_TRY(const auto here, row(txn, first));
  if (here && here->domain == domain) return first;
  KHUOI_TRY(const DossierKey second, home_of(txn, counterpart(first)));
  KHUOI_TRY(const auto beside, row(txn, second));
  const bool is_beside = here ? true : beside && beside->domain == domain;
  return is_beside ? second : first;
}

Result<std::optional<DossierKey>> Dossiers::part_of(const ReadTxn& txn, const DossierKey& key, const DossierId& edit,
                                                    Domain domain) const {
  const DossierKey named{key.hamlet, edit};
  if (edit == key.id) return std::optional<DossierKey>();
  KHUOI_TRY(const DossierKey home, home_of(txn, named, domain));
  const bool is_alone = home != key && (home == named || home == counterpart(named));
  return is_alone ? std::optional(home) : std::nullopt;
}

Result<std::optional<DossierRow>> Dossiers::erased_part(const ReadTxn& txn, const DossierKey& key, const DossierId& edit,
                                                        Domain domain) const {
  KHUOI_TRY(const auto part, part_of(txn, key, edit, domain));
  if (!part) return std::optional<DossierRow>();
  KHUOI_TRY(auto begun, row(txn, *part));
  return begun && begun->erased ? std::move(begun) : std::nullopt;
}

Result<void> Dossiers::join(Batch& batch, const DossierKey& key, const DossierId& edit, DossierRow& row) {
  KHUOI_TRY(const auto part, part_of(batch.txn, key, edit, row.domain));
  if (!part) return {};
  KHUOI_TRY_VOID(batch.txn.put(Table::meta, moved_name(*part), key.id.view()));
  const auto begun = this->row(batch.txn, *part);
  if (!begun || !*begun) return {};
  const DossierRow& other = **begun;
  for (const DossierRow::Item& item : other.items) {
    const auto same = std::ranges::find(row.items, item.ref, &DossierRow::Item::ref);
    if (same == row.items.end()) row.items.push_back(item);
  }
  row.erased = row.erased || other.erased;
  if (!row.state) row.state = other.state;  // until it is folded
  row.stale = true;
  std::vector<Bytes> aliases;
  const Bytes old = octets_of(*part);
  KHUOI_TRY_VOID(batch.txn.scan(Table::alias, {}, [&](ByteView id, ByteView leads_to) {
    if (equal(leads_to, old)) aliases.push_back(to_bytes(id));
    return true;
  }));
  for (const Bytes& id : aliases) KHUOI_TRY_VOID(batch.txn.put(Table::alias, id, octets_of(key)));
  Bytes number;
  Writer(number).u32(other.number);
  KHUOI_TRY_VOID(batch.txn.put(Table::number, number, octets_of(key)));
  return batch.txn.erase(Table::dossier, old);
}

}  // namespace khuoi::sync
