#include "sync/dossiers/dossier_views.h"

#include <algorithm>

#include "sync/dossiers/dossier_homes.h"
#include "sync/peers/file_paths.h"
#include "sync/peers/reach.h"

namespace khuoi::sync {

namespace {
/// Of a version that a list tells: who hands in may write a megabyte there.
constexpr std::size_t shown_octets_max = 1024;
bool is_own_change(Kind kind) { return kind == Kind::edit || kind == Kind::withdrawal || kind == Kind::pick; }
}  // namespace

Result<DossierEntry> DossierViews::progress(const DossierRow& row, CommuneHolds& holds) const {
  DossierEntry out;
  out.id = row.shown;
  out.number = row.number;
  Reach all{true, true};
  for (const DossierRow::Item& item : row.items) {
    if (core_.self.is_commune() || item.ref.author != core_.self.node) continue;
    KHUOI_TRY(const Reach reach, holds.reach_of(item.ref));
    if (item.kind == Kind::submission) all = {all.sent && reach.sent, all.received && reach.received};
    if (is_own_change(item.kind) && !reach.received) out.pending = true;
  }
  out.state = row.state ? name_of(*row.state) : name_of(all);
  return out;
}

Result<DossierEntry> DossierViews::entry(const ReadTxn& txn, const DossierKey& key, const DossierRow& row,
                                     CommuneHolds& holds, const Filler& fill) {
  KHUOI_TRY(DossierEntry out, progress(row, holds));
  const bool readable = core_.self.is_commune() || core_.keys.open(row.domain);
  if (readable) {
    KHUOI_TRY_VOID(fill_entry(txn, key, row, out, fill));
  }
  return out;
}

void DossierViews::fill_from_records(const ReadTxn& txn, const DossierRow& row, DossierEntry& out) {
  const DossierReader::Content content = dossiers_.reader().read(txn, row);
  const DossierView seen = fold_of(content);
  out.problem = content.problem();
  if (seen.state) out.code = seen.state->code;
  const auto current = std::ranges::find_if(
      content.records, [&](const DossierRecord& one) { return seen.current == one.ref; });
  if (current == content.records.end()) return;
  const InstanceFacts& facts = current->facts;
  out.form = facts.head.form_id;
  out.version = facts.head.version.substr(0, shown_octets_max);
  out.instance_id = facts.instance_id;
  const auto files = files_of_versions(txn, content);
  const std::vector<VersionFile>& own = files.at(current->ref);
  out.attachments = {static_cast<std::uint32_t>(std::ranges::count_if(own, &VersionFile::complete)),
                     static_cast<std::uint32_t>(own.size())};
}

Result<void> DossierViews::fill_entry(const ReadTxn& txn, const DossierKey& key, const DossierRow& row, DossierEntry& out,
                                      const Filler& fill) {
  out.conflict = row.conflict;
  out.hamlet = core_.self.name;
  if (core_.self.is_commune()) {
    const NodeFacts* box = core_.roster.box_of(key.hamlet);
    out.hamlet = box != nullptr ? box->name : key.hamlet.hex();
  }
  out.code = "";
  if (row.erased) return {};
  if (fill) {
    KHUOI_TRY_VOID(fill(key, row, out));
  } else {
    fill_from_records(txn, row, out);
  }
  if (!core_.self.is_commune() || !out.attachments) return {};
  const NodeFacts* box = core_.roster.box_of(key.hamlet);
  KHUOI_TRY(const auto by, box != nullptr ? FilePaths::of(txn, box->node) : Result<std::optional<Path>>(std::nullopt));
  out.to_come = DossierEntry::ToCome{out.attachments->of - out.attachments->have, by};
  return {};
}

Result<std::uint32_t> DossierViews::files_to_go(const ReadTxn& txn, const std::vector<VersionFile>& files) const {
  std::uint32_t out = 0;
  if (core_.self.is_commune() || !core_.self.granted()) return out;
  for (const VersionFile& file : files) {
    if (!file.facts) continue;
    KHUOI_TRY(const auto there, peers_.file(txn, core_.self.commune_node, file_id_of(file.facts->key)));
    out += there.complete ? 0 : 1;
  }
  return out;
}

Result<DossierKey> DossierViews::resolve(const ReadTxn& txn, std::string_view digits) {
  const std::string even(digits.substr(0, digits.size() / 2 * 2));
  const auto prefix = from_hex(even);
  const bool all_hex = digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  if (!prefix || !all_hex || digits.size() < 6 || digits.size() > 32) {
    return fail(Errc::usage, "'" + std::string(digits) + "' is not an id: give 6 to 32 hexadecimal digits");
  }
  std::string wanted(digits);
  std::ranges::transform(wanted, wanted.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::vector<std::uint32_t> found;
  KHUOI_TRY_VOID(alias_rows.each(txn, *prefix, [&](const DossierId& id, std::uint32_t leads_to) -> Result<Walk> {
    if (!id.hex().starts_with(wanted)) return Walk::on;
    KHUOI_TRY(const std::uint32_t number, DossierPlaces::resolved(txn, leads_to));
    if (std::ranges::find(found, number) == found.end()) found.push_back(number);
    return found.size() < 3 ? Walk::on : Walk::stop;
  }));
  if (found.empty()) return fail(Errc::not_found, "no dossier has the id " + wanted);
  if (found.size() > 1) return fail(Errc::usage, "the id " + wanted + " is ambiguous: give more digits");
  return DossierPlaces::key_at(txn, found.front());
}

Result<std::uint32_t> DossierViews::number_of(const ReadTxn& txn, const DossierKey& key) const {
  KHUOI_TRY(const auto found, DossierPlaces::find(txn, key));
  return found ? found->number : 0;
}

Result<std::optional<DossierEntry>> DossierViews::entry_or_problem(const ReadTxn& txn, const DossierKey& key,
                                                                  const DossierRow& row,
                                                                  CommuneHolds& holds,
                                                                  const Filler& fill) {
  // Someone who opened one domain is not shown that the other's dossiers exist.
  const bool other_domain = !core_.self.is_commune() && !core_.keys.locked() && !core_.keys.open(row.domain);
  if (other_domain) return std::optional<DossierEntry>();
  auto one = entry(txn, key, row, holds, fill);
  if (one) return std::optional(std::move(*one));
  KHUOI_TRY(DossierEntry marked, progress(row, holds));
  marked.problem = one.error().what;
  return std::optional(std::move(marked));
}

DossierEntry DossierViews::damaged_entry(const DossierKey& key, std::uint32_t number, const Error& why) {
  DossierEntry out;
  out.id = key.id;
  out.state = "damaged";
  out.problem = why.what;
  out.number = number;
  return out;
}

Result<std::vector<DossierEntry>> DossierViews::list(const ReadTxn& txn) {
  std::vector<DossierEntry> out;
  Page page;
  while (!page.over) {
    KHUOI_TRY_VOID(list(txn, page, 10'000, [&](const DossierKey&, const DossierRow*, DossierEntry& one) {
      out.push_back(std::move(one));
    }));
  }
  std::ranges::sort(out, {}, &DossierEntry::number);
  return out;
}

Result<void> DossierViews::list(const ReadTxn& txn, Page& page, std::size_t rows_max, const EntryVisitor& visit,
                                const Filler& fill) {
  CommuneHolds holds = commune_holds(txn);
  std::size_t told = 0;
  const auto tell = [&](std::uint32_t number, const DossierKey& key, const Result<DossierRow>& row) -> Result<Walk> {
    page.next = number + 1;
    ++told;
    auto one = row ? entry_or_problem(txn, key, *row, holds, fill)
                   : Result<std::optional<DossierEntry>>(damaged_entry(key, number, row.error()));
    if (!one) return one.error();
    KHUOI_TRY(const Walk walk, *one ? visit(key, row ? &*row : nullptr, **one) : Result<Walk>(Walk::on));
    return told == rows_max ? Walk::stop : walk;
  };
  KHUOI_TRY_VOID(dossiers_.each_from(txn, page.next, tell));
  page.over = told < rows_max;
  return {};
}

Result<std::vector<DossierPassage>> DossierViews::passages(const ReadTxn& txn, const DossierRow& row) const {
  std::vector<DossierPassage> out;
  std::vector<Ref> own;
  for (const DossierRow::Item& item : row.items) {
    const bool word = item.kind == Kind::submission || is_own_change(item.kind);
    if (word && item.ref.author == core_.self.node) own.push_back(item.ref);
  }
  if (core_.self.is_commune() || own.empty()) return out;
  KHUOI_TRY(const auto found, Passages::of(txn, own));
  for (const Passages::Passage& one : found) out.push_back({own[one.last], one});
  return out;
}

Result<Bytes> DossierViews::xml(const ReadTxn& txn, const Ref& version) {
  KHUOI_TRY(const Plain plain, run_keys_.read(txn, version));
  return dossiers_.reader().xml_of(txn, plain);
}

Result<DossierDetail> DossierViews::detail(const ReadTxn& txn, const DossierKey& key, Keep keep) {
  KHUOI_TRY(const auto present, dossiers_.row(txn, key));
  if (!present) return fail(Errc::not_found, "no dossier has the id " + key.id.hex());
  const bool readable = core_.self.is_commune() || core_.keys.open(present->domain);
  if (!readable && !core_.keys.locked()) return fail(Errc::not_found, "no dossier has the id " + key.id.hex());
  if (!readable) return fail(Errc::locked, "locked: give the passphrase to read dossiers");
  CommuneHolds holds = commune_holds(txn);
  DossierDetail out;
  KHUOI_TRY(out.entry, entry(txn, key, *present, holds));
  out.erased = present->erased;
  KHUOI_TRY(out.passages, passages(txn, *present));
  DossierReader::Content content = dossiers_.reader().read(txn, *present, keep);
  const DossierView seen = fold_of(content);
  for (const Ref& ref : seen.history) {
    const auto record = std::ranges::find(content.records, ref, &DossierRecord::ref);
    const auto* state = record != content.records.end() ? std::get_if<StateChange>(&record->plain.body) : nullptr;
    if (state != nullptr) out.history.push_back(*state);
  }
  if (present->erased) return out;
  out.withdrawal_asked = seen.withdrawal_asked;
  out.files = seen.files;
  // An empty file that came first gave way to the full one of its name.
  std::erase_if(out.files, [&](const FileFacts& file) {
    return file.octets == 0 && std::ranges::any_of(seen.files, [&](const FileFacts& other) {
      return other.name == file.name && other.octets != 0;
    });
  });
  auto files = files_of_versions(txn, content);
  for (DossierRecord& record : content.records) {
    if (!record.is_version()) continue;
    DossierVersion version;
    version.ref = record.ref;
    version.current = seen.current == record.ref;
    version.xml = std::move(record.xml);
    version.facts = std::move(record.facts);
    version.written = record.plain.at.wall;
    version.files = std::move(files.at(record.ref));
    out.versions.push_back(std::move(version));
  }
  out.unreadable = std::move(content.unreadable);
  for (const DossierVersion& version : out.versions) {
    if (!version.current) continue;
    for (const VersionFile& file : version.files) {
      if (!file.complete) out.missing.push_back(file.name);
    }
    KHUOI_TRY(out.files_to_go, files_to_go(txn, version.files));
  }
  return out;
}

}  // namespace khuoi::sync
