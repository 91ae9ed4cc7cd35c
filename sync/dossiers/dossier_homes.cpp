#include "sync/dossiers/dossier_homes.h"

#include <algorithm>
#include <set>
#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {

constexpr Rows<DossierKey, DossierId> moved_rows{Note::moved, "where a dossier belongs"};

constexpr int moves_max = 4096;  // of edits that came backwards, the last one first

/// Where a dossier of the other domain stands that goes by the same instanceID.
DossierKey counterpart_of(const DossierKey& key) { return {key.hamlet, sync::counterpart(key.id)}; }

}  // namespace

Result<DossierKey> DossierHomes::home_of(const ReadTxn& txn, DossierKey key) {
  for (int hops = 0; hops < moves_max; ++hops) {
    const auto id = moved_rows.get(txn, key);
    if (!id && id.error().code != Errc::damaged) return id.error();
    if (!id || !*id || **id == key.id) break;
    key.id = **id;
  }
  return key;
}

Result<DossierHomes::Home> DossierHomes::find_home(const ReadTxn& txn, const DossierKey& key, Domain domain) const {
  KHUOI_TRY(const DossierKey first, home_of(txn, key));
  KHUOI_TRY(const auto here, dossiers_.brief(txn, first));
  if (here && here->domain == domain) return Home{first, false};
  KHUOI_TRY(const DossierKey second, home_of(txn, counterpart_of(first)));
  KHUOI_TRY(const auto beside, dossiers_.brief(txn, second));
  const bool is_beside = here ? true : beside && beside->domain == domain;
  return is_beside ? Home{second, !beside} : Home{first, !here};
}

Result<DossierKey> DossierHomes::home_of(const ReadTxn& txn, const DossierKey& key, Domain domain) const {
  KHUOI_TRY(const Home home, find_home(txn, key, domain));
  return home.key;
}

Result<std::optional<DossierKey>> DossierHomes::part_of(const ReadTxn& txn, const DossierKey& key, const DossierId& edit,
                                                        Domain domain) const {
  const DossierKey named{key.hamlet, edit};
  if (edit == key.id) return std::optional<DossierKey>();
  KHUOI_TRY(const DossierKey home, home_of(txn, named, domain));
  const bool is_alone = home != key && (home == named || home == counterpart_of(named));
  return is_alone ? std::optional(home) : std::nullopt;
}

Result<std::optional<DossierRow>> DossierHomes::erased_part(const ReadTxn& txn, const DossierKey& key, const DossierId& edit,
                                                            Domain domain) const {
  KHUOI_TRY(const auto part, part_of(txn, key, edit, domain));
  if (!part) return std::optional<DossierRow>();
  KHUOI_TRY(auto begun, dossiers_.row(txn, *part));
  return begun && begun->erased ? std::move(begun) : std::nullopt;
}

Result<void> DossierHomes::join(Batch& batch, const DossierKey& key, const DossierId& edit, DossierRow& row) {
  KHUOI_TRY(const auto part, part_of(batch.txn, key, edit, row.domain));
  if (!part) return {};
  KHUOI_TRY_VOID(moved_rows.put(batch, *part, key.id));
  const auto begun = dossiers_.row(batch.txn, *part);
  if (!begun || !*begun) return {};
  const DossierRow& other = **begun;
  KHUOI_TRY_VOID(dossiers_.load_items(batch.txn, row));
  for (const DossierRow::Item& item : other.items) {
    const auto same = std::ranges::find(row.items, item.ref, &DossierRow::Item::ref);
    if (same == row.items.end()) row.items.push_back(item);
  }
  row.erased = row.erased || other.erased;
  if (!row.state) row.state = other.state;  // until it is folded
  row.stale = true;
  row.firsts.insert(row.firsts.end(), other.firsts.begin(), other.firsts.end());
  return dossiers_.erase_row(batch, other, row.number);
}

Result<std::vector<PlacedRecord>> DossierHomes::placed_in(const ReadTxn& txn, const DossierKey& home, const DossierRow& row,
                                                      const Ref& erase) {
  std::vector<PlacedRecord> out;
  for (const DossierRow::Item& item : row.items) {
    PlacedRecord& placed = out.emplace_back();
    placed.item = item;
    KHUOI_TRY(placed.later, dossiers_.was_written_before(txn, erase, item.ref));
    const auto plain = run_keys_.read(txn, item.ref);
    if (!plain) continue;
    placed.named = dossier_named(plain->body);
    if (const auto* manifest = std::get_if<Manifest>(&plain->body)) placed.version = manifest->version;
    if (!is_version(item.kind)) continue;
    const auto xml = dossiers_.reader().xml_of(txn, *plain);
    const auto facts = xml ? dossiers_.reader().facts_of(txn, *plain, *xml) : Result<InstanceFacts>(xml.error());
    if (!facts) continue;
    placed.own = dossier_id_of(facts->instance_id);
    placed.names = {*placed.own, dossier_id_of(facts->instance_id, home.hamlet)};
    if (!placed.named) placed.named = placed.own;
  }
  return out;
}

Result<DossierKey> DossierHomes::move_out(Batch& batch, const DossierKey& home, DossierRow& row, const DossierPart& part) {
  const DossierKey named{home.hamlet, part.id};
  for (const DossierKey& at : {named, counterpart_of(named)}) {
    KHUOI_TRY(const DossierKey to, home_of(batch.txn, at));
    if (to == home && at != home) KHUOI_TRY_VOID(moved_rows.erase(batch, at));
  }
  KHUOI_TRY(const DossierKey key, home_of(batch.txn, named, row.domain));
  std::vector<DossierId> names;
  std::set<DossierId> asked = part.names;
  asked.insert(key.id);
  for (const DossierId& name : asked) {
    KHUOI_TRY(const auto leads_to, DossierPlaces::led_to(batch.txn, name));
    if (leads_to != row.number) continue;  // another hamlet's
    names.push_back(name);
    KHUOI_TRY_VOID(DossierPlaces::forget(batch, name));
  }
  KHUOI_TRY(DossierRow own, dossiers_.row_or_new(batch, key, {}));
  for (const DossierId& name : names) KHUOI_TRY_VOID(DossierPlaces::lead(batch, name, own.number));
  KHUOI_TRY_VOID(dossiers_.load_items(batch.txn, own));
  std::erase_if(row.firsts, [&](const DossierRow::First& first) {
    if (asked.contains(first.id)) own.firsts.push_back(first);
    return asked.contains(first.id);
  });
  own.domain = row.domain;
  own.items.insert(own.items.end(), part.items.begin(), part.items.end());
  if (!dossiers_.fold_into(batch.txn, own)) own.stale = true;
  KHUOI_TRY_VOID(dossiers_.put(batch, key, own));
  return key;
}

Result<void> DossierHomes::put_rest(Batch& batch, const DossierKey& home, DossierRow& row, const DossierKey& instead) {
  if (!row.items.empty()) {
    if (!dossiers_.fold_into(batch.txn, row)) row.stale = true;
    return dossiers_.put(batch, home, row);
  }
  // It walks all ids, but only when an erasure has cut a row apart, of which nothing stays.
  KHUOI_TRY(const auto ids, DossierPlaces::ids_of(batch.txn, row.number));
  KHUOI_TRY(auto other, dossiers_.row(batch.txn, instead));
  KHUOI_TRY_VOID(dossiers_.erase_row(batch, row, other ? std::optional(other->number) : std::nullopt));
  for (const DossierId& id : ids) KHUOI_TRY_VOID(DossierPlaces::forget(batch, id));
  if (!other || row.firsts.empty()) return {};
  other->firsts.insert(other->firsts.end(), row.firsts.begin(), row.firsts.end());
  return dossiers_.put(batch, instead, *other);
}

Result<DossierKey> DossierHomes::part_to_erase(Batch& batch, const DossierKey& named, const DossierKey& home, const Ref& erase) {
  KHUOI_TRY(auto row, dossiers_.row(batch.txn, home));
  if (!row || row->erased) return home;
  KHUOI_TRY(const auto records, placed_in(batch.txn, home, *row, erase));
  const DossierParts parts = split_by_erasure(records, home.id, named.id);
  if (parts.moved.empty()) return home;
  DossierKey erased = home;
  for (const DossierPart& part : parts.moved) {
    KHUOI_TRY(const DossierKey key, move_out(batch, home, *row, part));
    if (part.id == named.id) erased = key;
  }
  KHUOI_TRY(const auto own, dossiers_.row(batch.txn, erased));
  for (const Ref& ref : parts.apart) KHUOI_TRY_VOID(dossiers_.name_apart(batch, *own, ref));
  row->items = parts.staying;
  if (erased == home) {
    KHUOI_TRY_VOID(dossiers_.put(batch, home, *row));
  } else {
    KHUOI_TRY_VOID(put_rest(batch, home, *row, erased));
  }
  return erased;
}

}  // namespace khuoi::sync
