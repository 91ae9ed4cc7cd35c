#include "node/counter/submitting.h"

#include <algorithm>
#include <set>

#include "node/counter/staged_file.h"
#include "sync/record/file_name.h"
#include "sync/record/form.h"

namespace khuoi::http {

using sync::Prepared;
using sync::Replica;

namespace {

struct WantedFile {
  std::string name;  ///< under which it is kept
  const Part* part = nullptr;
};

/// Under which of the names that the submission names a part is kept; empty when it is none of them.
std::string name_in(const std::set<std::string>& named, const Part& part) {
  for (const std::string& said : sync::names_in_part(part.file_name, part.name)) {
    std::string name = sync::kept_name(said);
    if (named.contains(name)) return name;
  }
  return {};
}

/// Which of the files handed in the submission names and does not have yet; those that it does not name go to `unnamed`.
Result<std::vector<WantedFile>> wanted_files(Replica& replica, const sync::ReadTxn& txn, const Prepared& prepared,
                                             const Handed& handed, std::vector<std::string>& unnamed) {
  std::vector<WantedFile> out;
  // Of a form that is not here these are all texts of the submission.
  const std::set<std::string> named(prepared.facts.attachments.begin(), prepared.facts.attachments.end());
  for (const Part* part : handed.files) {
    if (!part->file) continue;
    const std::string name = name_in(named, *part);
    if (name.empty()) {
      unnamed.push_back(part->file_name);
      continue;
    }
    const bool is_twice = std::ranges::any_of(
        out, [&](const WantedFile& one) { return one.name == name && one.part->file->content() == part->file->content(); });
    if (is_twice) continue;
    KHUOI_TRY(const bool here, replica.intake().has_file(txn, prepared, name, part->file->content()));
    if (!here) out.push_back({name, part});
  }
  // An empty one of a name comes first, so that a full one is a further one and not the other way round.
  std::ranges::stable_sort(out, {}, [](const WantedFile& one) { return one.part->file->octets() != 0; });
  return out;
}

Error variant_error() {
  return fail(Errc::conflict, "a submission with this instanceID and other content is here already");
}

}  // namespace

Result<Taken> hand_in(node::Engine& engine, const Handed& handed) {
  Taken out;
  std::vector<WantedFile> wanted;
  KHUOI_TRY_VOID(engine.look([&](Replica& replica, const sync::ReadTxn& txn) -> Result<void> {
    if (replica.self().is_commune()) return fail(Errc::denied, "submissions are taken at a hamlet, not at a commune");
    KHUOI_TRY(const Prepared prepared, replica.intake().prepare(txn, handed.xml));
    if (prepared.variant && handed.refuse_variant) return variant_error();
    KHUOI_TRY(wanted, wanted_files(replica, txn, prepared, handed, out.unnamed));
    return {};
  }));
  std::vector<std::pair<std::string, std::unique_ptr<StagedFile>>> incoming;
  std::vector<Bytes> contents;
  for (const auto& [name, part] : wanted) {
    incoming.emplace_back(name, std::make_unique<StagedFile>(engine));
    KHUOI_TRY_VOID(incoming.back().second->stream(*part->file));
    contents.push_back(part->file->content());
  }
  const auto usage = engine.store().usage();
  KHUOI_TRY_VOID(engine.work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    replica.intake().set_usage(usage);
    KHUOI_TRY(const Prepared prepared, replica.intake().prepare(batch.txn, handed.xml));
    if (prepared.variant && handed.refuse_variant) return variant_error();
    out.repeat = prepared.repeat;
    out.erased = prepared.erased;
    out.domain = prepared.form.domain;
    std::vector<sync::FileFacts> files;
    for (const auto& [name, one] : incoming) {
      KHUOI_TRY(auto facts, one->finish(batch, name));
      files.push_back(std::move(facts));
    }
    KHUOI_TRY(out.id, replica.intake().submit(batch, prepared, files, contents));
    if (handed.also) KHUOI_TRY_VOID(handed.also(replica, batch));
    KHUOI_TRY(const auto row, replica.dossiers().row(batch.txn, prepared.key));
    KHUOI_TRY(const auto holds, replica.dossiers().commune_holds(batch.txn));
    if (row) {
      out.number = row->number;
      out.state = replica.dossiers().progress(*row, holds).state;
    }
    return {};
  }));
  for (const auto& [name, one] : incoming) one->keep();
  return out;
}

}  // namespace khuoi::http
