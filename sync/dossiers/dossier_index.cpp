#include "sync/dossiers/dossier_index.h"

#include <algorithm>

#include "sync/dossiers/code_register.h"
#include "sync/dossiers/kept_summaries.h"
#include "sync/peers/untold.h"
#include "sync/record/kinds.h"

namespace khuoi::sync {

Result<bool> DossierIndex::keep_apart(Batch& batch, DossierRow& row, const Ref& ref, Kind kind) {
  if (!row.erased || !is_version(kind)) return false;
  KHUOI_TRY_VOID(dossiers_.load_items(batch.txn, row));
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

Result<bool> DossierIndex::folds_on(const ReadTxn& txn, DossierRow& row, const Newcomer& newcomer) const {
  if (row.stale || row.unreadable) return false;
  if (newcomer.kind == Kind::manifest) return true;  // nothing of it stands in the row
  if (row.conflict || row.open_ends) return false;
  FoldedRow folded{row.heads, {}, row.state, row.withdrawal_asked};
  for (const Ref& ref : row.seen) {
    KHUOI_TRY(const auto kind, dossiers_.kind_of(txn, row, ref));
    if (!kind) return false;
    folded.seen.push_back({ref, *kind});
  }
  if (!fold_on(folded, newcomer)) return false;
  row.heads = std::move(folded.heads);
  row.state = folded.state;
  row.withdrawal_asked = folded.withdrawal_asked;
  row.seen.clear();
  for (const FoldedRow::Seen& one : folded.seen) row.seen.push_back(one.ref);
  return true;
}

Result<void> DossierIndex::add(Batch& batch, const DossierKey& key, DossierRow row, Newcomer newcomer,
                               ByteView words) {
  const DossierRow::Item item{newcomer.ref, newcomer.kind};
  KHUOI_TRY(const auto present, dossiers_.look_back(batch.txn, row, item));
  if (present.is_here) return {};
  newcomer.is_last_of_its_run = !present.has_later_state;
  const bool is_alone = row.items.empty();
  row.items.push_back(item);
  if (row.erased || item.kind == Kind::erase) {
    KHUOI_TRY_VOID(dossiers_.load_items(batch.txn, row));
    if (item.kind == Kind::erase) KHUOI_TRY_VOID(spare_later(batch, row, item.ref));
    row.erased = true;
    row.unreadable = false;
    row.heads.clear();
    row.conflict = false;
    KHUOI_TRY_VOID(dossiers_.forget_bodies(batch, row));
    return dossiers_.put(batch, key, row);
  }
  if (is_alone && item.kind == Kind::submission) {
    row.heads = {item.ref};
    row.seen = {item.ref};
    KHUOI_TRY_VOID(dossiers_.put(batch, key, row));
    return words.empty() ? Result<void>() : KeptSummaries(core_).put(batch, row.number, row.domain, words);
  }
  KHUOI_TRY(const bool folded, is_alone ? Result<bool>(false) : folds_on(batch.txn, row, newcomer));
  if (folded) return dossiers_.put(batch, key, row);
  KHUOI_TRY_VOID(dossiers_.load_items(batch.txn, row));
  if (dossiers_.fold_into(batch.txn, row)) return dossiers_.put(batch, key, row);
  const std::vector<Ref>& seen = newcomer.seen;
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
Result<InstanceFacts> DossierIndex::facts_to_take_in(const ReadTxn& txn, const Ref& ref, const Plain& plain) {
  const bool own = ref.author == core_.self.node;
  auto xml = dossiers_.reader().xml_of(txn, plain, own ? xml_octets_max : submission_xml_octets_max);
  if (!xml && xml.error().code == Errc::too_large) {
    return fail(Errc::too_large, "a submission of more than 1 MiB of XML, made by an older version or by an attacker: ask "
                                 "its hamlet to enter it again, with what is long in a file");
  }
  if (!xml) return xml.error();
  return dossiers_.reader().facts_of(txn, plain, *xml);
}

namespace {
Result<bool> edits_what_is_here(const ReadTxn& txn, const DossierKey& key, const DossierRow& row, std::string_view deprecated_id) {
  const DossierId edited = dossier_id_of(deprecated_id);
  if (deprecated_id.empty() || edited == key.id) return true;
  KHUOI_TRY(const auto leads_to, DossierPlaces::led_to(txn, edited));
  return leads_to == row.number;
}
}  // namespace

Result<void> DossierIndex::index_version(Batch& batch, const DossierKey& key, const Version& version) {
  const bool is_first = version.kind == Kind::submission;
  const auto instance_id = is_first ? std::string_view(version.instance_id) : std::string_view();
  KHUOI_TRY(DossierRow row, version.is_new ? dossiers_.new_row(batch, key, instance_id)
                                           : dossiers_.row_or_new(batch, key, instance_id));
  KHUOI_TRY(const bool apart, keep_apart(batch, row, version.ref, version.kind));
  if (apart) return {};
  if (row.items.empty()) row.domain = version.domain;
  if (version.first) row.firsts.push_back(*version.first);
  Newcomer newcomer{.ref = version.ref, .kind = version.kind, .seen = version.seen};
  const DossierId own = dossier_id_of(version.instance_id);
  KHUOI_TRY(newcomer.edits_what_is_here, edits_what_is_here(batch.txn, key, row, version.deprecated_id));
  if (own != key.id) {
    const bool is_edit = version.kind == Kind::edit;
    KHUOI_TRY(const auto erased, is_edit && !row.erased ? homes_.erased_part(batch.txn, key, own, version.domain)
                                                        : Result<std::optional<DossierRow>>(std::nullopt));
    if (erased) return dossiers_.name_apart(batch, *erased, version.ref);
    KHUOI_TRY(const auto taken, batch.txn.get(Table::alias, own.view()));
    newcomer.is_new_instance = !taken;  // each version's leads to its dossier
    if (!taken) {
      KHUOI_TRY_VOID(DossierPlaces::lead(batch, own, row.number));
    }
    if (is_edit) KHUOI_TRY_VOID(homes_.join(batch, key, own, row));
  }
  return add(batch, key, std::move(row), std::move(newcomer), version.words);
}

Result<void> DossierIndex::index_decoded(Batch& batch, const Ref& ref, const Plain& plain, const InstanceFacts& facts,
                                         ByteView words) {
  DossierKey key{dossiers_.hamlet_of(ref.author), dossier_id_of(facts.instance_id)};
  const auto* edit = std::get_if<Edit>(&plain.body);
  if (edit != nullptr) key.id = edit->dossier;
  KHUOI_TRY(const DossierHomes::Home home, homes_.find_home(batch.txn, key, plain.domain));
  return index_version(batch, home.key, {ref, plain.kind, plain.domain, edit != nullptr ? edit->seen : std::vector<Ref>(),
                                         facts.instance_id, facts.deprecated_id, {}, words, home.is_new});
}

Result<void> DossierIndex::index(Batch& batch, const Ref& ref, const Plain& plain, const DecodedVersion* decoded) {
  if (decoded != nullptr) return index_decoded(batch, ref, plain, decoded->facts, decoded->words);
  if (is_version(plain.kind)) {
    KHUOI_TRY(const InstanceFacts facts, facts_to_take_in(batch.txn, ref, plain));
    return index_decoded(batch, ref, plain, facts, {});
  }
  const auto named = dossier_named(plain.body);
  if (!named) return {};
  DossierKey key{dossiers_.hamlet_of(ref.author), *named};
  if (const auto* state = std::get_if<StateChange>(&plain.body)) {
    if (core_.self.is_commune()) {
      key.hamlet = state->hamlet;
      KHUOI_TRY_VOID(CodeRegister::note(batch, state->code, key));
    }
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
  if (row.erased) KHUOI_TRY_VOID(dossiers_.load_items(batch.txn, row));
  if (const auto* manifest = std::get_if<Manifest>(&plain.body); row.erased && manifest != nullptr && manifest->version) {
    const bool erased_too = std::ranges::find(row.items, *manifest->version, &DossierRow::Item::ref) != row.items.end();
    if (!erased_too) return {};  // of an edit that is kept apart: held with it
  }
  if (row.items.empty()) row.domain = plain.domain;
  const std::vector<Ref>* seen = seen_of(plain.body);
  Newcomer newcomer{.ref = ref, .kind = plain.kind, .seen = seen != nullptr ? *seen : std::vector<Ref>()};
  if (const auto* state = std::get_if<StateChange>(&plain.body)) newcomer.state = state->state;
  return add(batch, key, std::move(row), std::move(newcomer));
}

}  // namespace khuoi::sync
