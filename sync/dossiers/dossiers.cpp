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

Result<bool> Dossiers::keep_apart(Batch& batch, const DossierRow& row, const Ref& ref, Kind kind) {
  if (!row.erased || !is_version(kind)) return false;
  const auto is_erase = [](const DossierRow::Item& item) { return item.kind == Kind::erase; };
  const auto erase = std::ranges::find_if(row.items, is_erase);
  if (erase == row.items.end()) return false;
  KHUOI_TRY(const bool before, was_written_before(batch.txn, ref, erase->ref));
  // The first submission that comes only now is what was erased, unless who erased wrote it later.
  const bool is_first = kind == Kind::submission && ref.author != erase->ref.author &&
                        std::ranges::find(row.items, Kind::submission, &DossierRow::Item::kind) == row.items.end();
  if (before || is_first) return false;
  KHUOI_TRY_VOID(name_apart(batch, row, ref));
  return true;
}

Result<void> Dossiers::name_apart(Batch& batch, const DossierRow& row, const Ref& ref) {
  return quarantine(batch, {"an edit of an erased dossier (number " + std::to_string(row.number) +
                                "): it is kept apart, for a person to decide what becomes of it",
                            ref, batch.now.wall, {}});
}

Result<void> Dossiers::spare_later(Batch& batch, DossierRow& row, const Ref& erase) {
  std::vector<DossierRow::Item> kept;
  for (const DossierRow::Item& item : row.items) {
    const bool may_be_later = is_version(item.kind) || item.kind == Kind::manifest;
    bool later = false;
    if (may_be_later) {
      KHUOI_TRY(later, was_written_before(batch.txn, erase, item.ref));
    }
    if (later && is_version(item.kind)) KHUOI_TRY_VOID(name_apart(batch, row, item.ref));
    if (!later) kept.push_back(item);
  }
  row.items = std::move(kept);
  return {};
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

Result<void> Dossiers::add(Batch& batch, const DossierKey& key, DossierRow row, const DossierRow::Item& item,
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
    KHUOI_TRY_VOID(forget_bodies(batch, row));
    return put(batch, key, row);
  }
  if (row.items.size() == 1 && item.kind == Kind::submission) {
    row.heads = {item.ref};
    row.seen = {item.ref};
    return put(batch, key, row);
  }
  if (fold_into(batch.txn, row)) return put(batch, key, row);
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
  return put(batch, key, row);
}

/// What a hamlet wrote itself was its own to take; what others send is held to the limit.
Result<Bytes> Dossiers::xml_to_take_in(const ReadTxn& txn, const Ref& ref, const Plain& plain) {
  const bool own = ref.author == core_.self.node;
  auto xml = reader_.xml_of(txn, plain, own ? xml_octets_max : submission_xml_octets_max);
  if (!xml && xml.error().code == Errc::too_large) {
    return fail(Errc::too_large, "a submission of more than 1 MiB of XML, made by an older version or by an attacker: ask "
                                 "its hamlet to enter it again, with what is long in a file");
  }
  return xml;
}

Result<void> Dossiers::index_submission(Batch& batch, const DossierKey& key, const Ref& ref, Kind kind, Domain domain,
                                        const std::vector<Ref>& seen, std::string_view instance_id) {
  KHUOI_TRY(DossierRow row, row_or_new(batch, key, kind == Kind::submission ? instance_id : std::string_view()));
  KHUOI_TRY(const bool apart, keep_apart(batch, row, ref, kind));
  if (apart) return {};
  if (row.items.empty()) row.domain = domain;
  const DossierId own = dossier_id_of(instance_id);
  if (own != key.id) {
    KHUOI_TRY(const auto erased, kind == Kind::edit && !row.erased ? erased_part(batch.txn, key, own, domain)
                                                                   : Result<std::optional<DossierRow>>(std::nullopt));
    if (erased) return name_apart(batch, *erased, ref);
    KHUOI_TRY(const auto taken, batch.txn.get(Table::alias, own.view()));
    if (!taken) {
      KHUOI_TRY_VOID(add_alias(batch, own, key));
    }
    if (kind == Kind::edit) KHUOI_TRY_VOID(join(batch, key, own, row));
  }
  return add(batch, key, std::move(row), {ref, kind}, seen);
}

Result<void> Dossiers::index(Batch& batch, const Ref& ref, const Plain& plain) {
  if (is_version(plain.kind)) {
    KHUOI_TRY(const Bytes xml, xml_to_take_in(batch.txn, ref, plain));
    KHUOI_TRY(const InstanceFacts facts, reader_.facts_of(batch.txn, plain, xml));
    DossierKey key{hamlet_of(ref.author), dossier_id_of(facts.instance_id)};
    const auto* edit = std::get_if<Edit>(&plain.body);
    if (edit != nullptr) key.id = edit->dossier;
    KHUOI_TRY(key, home_of(batch.txn, key, plain.domain));
    return index_submission(batch, key, ref, plain.kind, plain.domain, edit != nullptr ? edit->seen : std::vector<Ref>(),
                            facts.instance_id);
  }
  const auto named = dossier_named(plain.body);
  if (!named) return {};
  DossierKey key{hamlet_of(ref.author), *named};
  if (const auto* state = std::get_if<StateChange>(&plain.body)) {
    if (core_.self.is_commune()) key.hamlet = state->hamlet;
    for (const FileFacts& file : state->files) {
      KHUOI_TRY(const RunRow* run, core_.runs.find(batch.txn, run_of(ref)));
      KHUOI_TRY_VOID(Files::note(batch, file, run->audience, ref.author));
    }
  }
  if (const auto* erase = std::get_if<Erase>(&plain.body); erase != nullptr && core_.self.is_commune()) {
    key.hamlet = erase->hamlet;
  }
  if (const auto* manifest = std::get_if<Manifest>(&plain.body)) {
    KHUOI_TRY(const RunRow* run, core_.runs.find(batch.txn, run_of(ref)));
    KHUOI_TRY_VOID(Files::note(batch, manifest->file, run->audience, ref.author));
  }
  const DossierKey meant = key;
  KHUOI_TRY(key, home_of(batch.txn, key, plain.domain));
  if (plain.kind == Kind::erase) {
    KHUOI_TRY(key, part_to_erase(batch, meant, key, ref));
  }
  KHUOI_TRY(DossierRow row, row_or_new(batch, key, {}));
  if (const auto* manifest = std::get_if<Manifest>(&plain.body); row.erased && manifest != nullptr && manifest->version) {
    const bool erased_too = std::ranges::find(row.items, *manifest->version, &DossierRow::Item::ref) != row.items.end();
    if (!erased_too) return {};  // of an edit that is kept apart: held with it
  }
  if (row.items.empty()) row.domain = plain.domain;
  const std::vector<Ref>* seen = seen_of(plain.body);
  return add(batch, key, std::move(row), {ref, plain.kind}, seen != nullptr ? *seen : std::vector<Ref>());
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

Result<DossierKey> Dossiers::resolve(const ReadTxn& txn, std::string_view digits) const {
  const std::string even(digits.substr(0, digits.size() / 2 * 2));
  const auto prefix = from_hex(even);
  const bool all_hex = digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  if (!prefix || !all_hex || digits.size() < 6 || digits.size() > 32) {
    return fail(Errc::usage, "'" + std::string(digits) + "' is not an id: give 6 to 32 hexadecimal digits");
  }
  std::string wanted(digits);
  std::ranges::transform(wanted, wanted.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::vector<DossierKey> found;
  KHUOI_TRY_VOID(alias_rows.each(txn, *prefix, [&](const DossierId& id, const DossierKey& leads_to) {
    if (!id.hex().starts_with(wanted)) return Walk::on;
    if (std::ranges::find(found, leads_to) == found.end()) found.push_back(leads_to);
    return found.size() < 3 ? Walk::on : Walk::stop;
  }));
  if (found.empty()) return fail(Errc::not_found, "no dossier has the id " + wanted);
  if (found.size() > 1) return fail(Errc::usage, "the id " + wanted + " is ambiguous: give more digits");
  return home_of(txn, found.front());
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
