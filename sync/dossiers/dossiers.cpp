#include "sync/dossiers/dossiers.h"

#include <algorithm>

#include "sync/log/quarantine.h"
#include "sync/record/kinds.h"
#include "sync/seal/hash.h"

namespace khuoi::sync {

namespace {

DossierId provisional_id(const DossierKey& key) { return hash_id<DossierId>(octets_of_part(key)); }

}  // namespace

HamletId Dossiers::hamlet_of(const NodeId& author) const {
  if (!core_.self.is_commune()) return {};
  const NodeFacts* facts = core_.roster.node(author);
  return facts != nullptr ? facts->hamlet : HamletId(author.value);
}

Result<std::optional<DossierRow>> Dossiers::row(const ReadTxn& txn, const DossierKey& key) const {
  return dossier_rows.get(txn, key);
}

Result<void> Dossiers::put(Batch& batch, const DossierKey& key, const DossierRow& row) {
  return dossier_rows.put(batch, key, row);
}

Result<void> Dossiers::add_alias(Batch& batch, const DossierId& id, const DossierKey& key) {
  return alias_rows.put(batch, id, key);
}

Result<bool> Dossiers::was_written_before(const ReadTxn& txn, const Ref& ref, const Ref& other) const {
  if (ref.author != other.author) return false;
  if (ref.run == other.run) return ref.number < other.number;
  KHUOI_TRY(const RunRow* one, core_.runs.find(txn, run_of(ref)));
  KHUOI_TRY(const RunRow* two, core_.runs.find(txn, run_of(other)));
  return one != nullptr && two != nullptr && one->opener.ordinal < two->opener.ordinal;
}

Result<void> Dossiers::name_apart(Batch& batch, const DossierRow& row, const Ref& ref) {
  return quarantine(batch, {"an edit of an erased dossier (number " + std::to_string(row.number) +
                                "): it is kept apart, for a person to decide what becomes of it",
                            ref, batch.now.wall, {}});
}

Result<DossierRow> Dossiers::row_or_new(Batch& batch, const DossierKey& key, std::string_view instance_id) {
  KHUOI_TRY(auto present, row(batch.txn, key));
  if (present) {
    // What came before its submission could not tell how it is shown beside another hamlet's dossier of that id.
    const bool provisional = present->shown == provisional_id(key) && !instance_id.empty();
    if (provisional) {
      present->shown = dossier_id_of(instance_id, key.hamlet);
      KHUOI_TRY_VOID(add_alias(batch, present->shown, key));
    }
    return std::move(*present);
  }
  DossierRow out;
  KHUOI_TRY(const std::uint64_t last, meta_number(batch.txn, "dossier_number"));
  KHUOI_TRY_VOID(put_meta_number(batch, "dossier_number", last + 1));
  out.number = static_cast<std::uint32_t>(last + 1);
  out.shown = key.id;
  KHUOI_TRY(const auto taken, batch.txn.get(Table::alias, key.id.view()));
  // Another hamlet's dossier has this id already: this one is shown under an id that names its hamlet too.
  if (taken) out.shown = instance_id.empty() ? provisional_id(key) : dossier_id_of(instance_id, key.hamlet);
  KHUOI_TRY_VOID(add_alias(batch, out.shown, key));
  KHUOI_TRY_VOID(number_rows.put(batch, out.number, key));
  return out;
}

bool Dossiers::fold_into(const ReadTxn& txn, DossierRow& row) {
  const DossierReader::Content content = reader_.read(txn, row);
  if (content.has_locked()) return false;
  const DossierView folded = fold_of(content);
  row.heads = folded.heads;
  row.seen = folded.seen_now;
  row.conflict = folded.conflict || folded.state_conflict;
  row.erased = folded.erased;
  row.withdrawal_asked = folded.withdrawal_asked;
  const bool lacks_state = std::ranges::any_of(content.unreadable, [](const Unreadable& one) { return one.kind == Kind::state; });
  if (folded.state || !lacks_state) row.state = folded.state ? std::optional(folded.state->state) : std::nullopt;
  row.stale = content.may_be_read_later();
  row.unreadable = content.has_damaged();
  return true;
}

Result<void> Dossiers::forget_bodies(Batch& batch, const DossierRow& row) {
  for (const DossierRow::Item& item : row.items) {
    if (item.kind == Kind::manifest) {
      const auto plain = run_keys_.read(batch.txn, item.ref);
      const auto* manifest = plain ? std::get_if<Manifest>(&plain->body) : nullptr;
      if (manifest != nullptr) {
        KHUOI_TRY_VOID(Files::erase(batch, file_id_of(manifest->file.key)));
      }
    }
    const bool of_the_person = item.kind != Kind::erase && item.kind != Kind::state;
    if (of_the_person) {
      KHUOI_TRY_VOID(core_.runs.erase_body(batch, item.ref));
    }
  }
  return {};
}

Result<DossierView> Dossiers::view(const ReadTxn& txn, const DossierRow& row) {
  if (row.erased) {
    DossierView gone;
    gone.erased = true;
    return gone;
  }
  const DossierReader::Content content = reader_.read(txn, row);
  if (content.has_locked()) return fail(Errc::locked, "locked: give the passphrase to read this dossier");
  return fold_of(content);
}

Result<void> Dossiers::refold_stale(Batch& batch) {
  std::vector<std::pair<DossierKey, DossierRow>> stale;
  KHUOI_TRY_VOID(each_key(batch.txn, [&](const DossierKey& key, const DossierRow& row) {
    // A conflict may be of a time before edits were linked by what they say that they edit.
    if (row.stale || row.conflict) stale.emplace_back(key, row);
  }));
  for (auto& [key, row] : stale) {
    // What is locked still, or not readable yet, waits on.
    const Bytes before = octets_of_part(row);
    if (!fold_into(batch.txn, row) || octets_of_part(row) == before) continue;
    KHUOI_TRY_VOID(put(batch, key, row));
  }
  return {};
}

Result<void> Dossiers::each_key(const ReadTxn& txn, const RowVisitor& visit, const DamagedVisitor& damaged) const {
  return dossier_rows.each(txn, std::tuple<>(), visit, [&](ByteView at, const Error& why) {
    return damaged(khuoi::part_of<DossierKey>(at).value_or(DossierKey()), why);
  });
}

Result<void> Dossiers::replace_refs(Batch& batch, const std::map<Ref, Ref>& replaced) {
  std::vector<std::pair<DossierKey, DossierRow>> changed;
  const auto renew = [&](Ref& ref) {
    const auto found = replaced.find(ref);
    if (found == replaced.end()) return false;
    ref = found->second;
    return true;
  };
  KHUOI_TRY_VOID(each_key(batch.txn, [&](const DossierKey& key, const DossierRow& row) {
    DossierRow next = row;
    bool any = false;
    for (DossierRow::Item& item : next.items) any = renew(item.ref) || any;
    for (Ref& head : next.heads) any = renew(head) || any;
    for (Ref& ref : next.seen) any = renew(ref) || any;
    if (any) changed.emplace_back(key, std::move(next));
  }));
  for (const auto& [key, row] : changed) {
    KHUOI_TRY_VOID(put(batch, key, row));
  }
  return {};
}

}  // namespace khuoi::sync
