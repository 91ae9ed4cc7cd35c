#include "sync/dossiers/dossier_index.h"

#include <algorithm>

#include "sync/peers/untold.h"
#include "sync/record/kinds.h"

namespace khuoi::sync {

Result<bool> DossierIndex::keep_apart(Batch& batch, const DossierRow& row, const Ref& ref, Kind kind) {
  if (!row.erased || !is_version(kind)) return false;
  const auto is_erase = [](const DossierRow::Item& item) { return item.kind == Kind::erase; };
  const auto erase = std::ranges::find_if(row.items, is_erase);
  if (erase == row.items.end()) return false;
  KHUOI_TRY(const bool before, dossiers_.was_written_before(batch.txn, ref, erase->ref));
  // The first submission that comes only now is what was erased, unless who erased wrote it later.
  const bool is_first = kind == Kind::submission && ref.author != erase->ref.author &&
                        std::ranges::find(row.items, Kind::submission, &DossierRow::Item::kind) == row.items.end();
  if (before || is_first) return false;
  KHUOI_TRY_VOID(dossiers_.name_apart(batch, row, ref));
  return true;
}

Result<void> DossierIndex::spare_later(Batch& batch, DossierRow& row, const Ref& erase) {
  std::vector<DossierRow::Item> kept;
  for (const DossierRow::Item& item : row.items) {
    const bool may_be_later = is_version(item.kind) || item.kind == Kind::manifest;
    bool later = false;
    if (may_be_later) {
      KHUOI_TRY(later, dossiers_.was_written_before(batch.txn, erase, item.ref));
    }
    if (later && is_version(item.kind)) KHUOI_TRY_VOID(dossiers_.name_apart(batch, row, item.ref));
    if (!later) kept.push_back(item);
  }
  row.items = std::move(kept);
  return {};
}

Result<void> DossierIndex::add(Batch& batch, const DossierKey& key, DossierRow row, const DossierRow::Item& item,
                               const std::vector<Ref>& seen) {
  for (const DossierRow::Item& present : row.items) {
    if (present.ref == item.ref) return {};
  }
  row.items.push_back(item);
  if (row.erased || item.kind == Kind::erase) {
    if (item.kind == Kind::erase) KHUOI_TRY_VOID(spare_later(batch, row, item.ref));
    row.erased = true;
    row.unreadable = false;
    row.heads.clear();
    row.conflict = false;
    KHUOI_TRY_VOID(dossiers_.forget_bodies(batch, row));
    return dossiers_.put(batch, key, row);
  }
  if (row.items.size() == 1 && item.kind == Kind::submission) {
    row.heads = {item.ref};
    row.seen = {item.ref};
    return dossiers_.put(batch, key, row);
  }
  if (dossiers_.fold_into(batch.txn, row)) return dossiers_.put(batch, key, row);
  row.stale = true;
  if (item.kind != Kind::manifest) {
    std::erase_if(row.seen, [&](const Ref& ref) { return std::ranges::find(seen, ref) != seen.end(); });
    row.seen.push_back(item.ref);
  }
  if (is_version(item.kind)) {
    std::erase_if(row.heads, [&](const Ref& head) { return std::ranges::find(seen, head) != seen.end(); });
    row.heads.push_back(item.ref);
    row.conflict = row.heads.size() > 1;
  }
  return dossiers_.put(batch, key, row);
}

/// What a hamlet wrote itself was its own to take; what others send is held to the limit.
Result<Bytes> DossierIndex::xml_to_take_in(const ReadTxn& txn, const Ref& ref, const Plain& plain) {
  const bool own = ref.author == core_.self.node;
  auto xml = dossiers_.reader().xml_of(txn, plain, own ? xml_octets_max : submission_xml_octets_max);
  if (!xml && xml.error().code == Errc::too_large) {
    return fail(Errc::too_large, "a submission of more than 1 MiB of XML, made by an older version or by an attacker: ask "
                                 "its hamlet to enter it again, with what is long in a file");
  }
  return xml;
}

Result<void> DossierIndex::index_submission(Batch& batch, const DossierKey& key, const Ref& ref, Kind kind, Domain domain,
                                            const std::vector<Ref>& seen, std::string_view instance_id) {
  KHUOI_TRY(DossierRow row, dossiers_.row_or_new(batch, key, kind == Kind::submission ? instance_id : std::string_view()));
  KHUOI_TRY(const bool apart, keep_apart(batch, row, ref, kind));
  if (apart) return {};
  if (row.items.empty()) row.domain = domain;
  const DossierId own = dossier_id_of(instance_id);
  if (own != key.id) {
    KHUOI_TRY(const auto erased, kind == Kind::edit && !row.erased ? homes_.erased_part(batch.txn, key, own, domain)
                                                                   : Result<std::optional<DossierRow>>(std::nullopt));
    if (erased) return dossiers_.name_apart(batch, *erased, ref);
    KHUOI_TRY(const auto taken, batch.txn.get(Table::alias, own.view()));
    if (!taken) {
      KHUOI_TRY_VOID(dossiers_.add_alias(batch, own, key));
    }
    if (kind == Kind::edit) KHUOI_TRY_VOID(homes_.join(batch, key, own, row));
  }
  return add(batch, key, std::move(row), {ref, kind}, seen);
}

Result<void> DossierIndex::index(Batch& batch, const Ref& ref, const Plain& plain) {
  if (is_version(plain.kind)) {
    KHUOI_TRY(const Bytes xml, xml_to_take_in(batch.txn, ref, plain));
    KHUOI_TRY(const InstanceFacts facts, dossiers_.reader().facts_of(batch.txn, plain, xml));
    DossierKey key{dossiers_.hamlet_of(ref.author), dossier_id_of(facts.instance_id)};
    const auto* edit = std::get_if<Edit>(&plain.body);
    if (edit != nullptr) key.id = edit->dossier;
    KHUOI_TRY(key, homes_.home_of(batch.txn, key, plain.domain));
    return index_submission(batch, key, ref, plain.kind, plain.domain, edit != nullptr ? edit->seen : std::vector<Ref>(),
                            facts.instance_id);
  }
  const auto named = dossier_named(plain.body);
  if (!named) return {};
  DossierKey key{dossiers_.hamlet_of(ref.author), *named};
  if (const auto* state = std::get_if<StateChange>(&plain.body)) {
    if (core_.self.is_commune()) key.hamlet = state->hamlet;
    for (const FileFacts& file : state->files) {
      KHUOI_TRY(const RunRow* run, core_.runs.find(batch.txn, run_of(ref)));
      KHUOI_TRY_VOID(note_file(batch, core_, file, run->audience, ref.author));
    }
  }
  if (const auto* erase = std::get_if<Erase>(&plain.body); erase != nullptr && core_.self.is_commune()) {
    key.hamlet = erase->hamlet;
  }
  if (const auto* manifest = std::get_if<Manifest>(&plain.body)) {
    KHUOI_TRY(const RunRow* run, core_.runs.find(batch.txn, run_of(ref)));
    KHUOI_TRY_VOID(note_file(batch, core_, manifest->file, run->audience, ref.author));
  }
  const DossierKey meant = key;
  KHUOI_TRY(key, homes_.home_of(batch.txn, key, plain.domain));
  if (plain.kind == Kind::erase) {
    KHUOI_TRY(key, homes_.part_to_erase(batch, meant, key, ref));
  }
  KHUOI_TRY(DossierRow row, dossiers_.row_or_new(batch, key, {}));
  if (const auto* manifest = std::get_if<Manifest>(&plain.body); row.erased && manifest != nullptr && manifest->version) {
    const bool erased_too = std::ranges::find(row.items, *manifest->version, &DossierRow::Item::ref) != row.items.end();
    if (!erased_too) return {};  // of an edit that is kept apart: held with it
  }
  if (row.items.empty()) row.domain = plain.domain;
  const std::vector<Ref>* seen = seen_of(plain.body);
  return add(batch, key, std::move(row), {ref, plain.kind}, seen != nullptr ? *seen : std::vector<Ref>());
}

}  // namespace khuoi::sync
