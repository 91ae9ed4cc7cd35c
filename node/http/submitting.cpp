#include "node/http/submitting.h"

#include <algorithm>

#include "node/cli/attaching.h"
#include "node/http/staged_file.h"
#include "sync/record/form.h"

namespace khuoi::http {

using sync::Prepared;
using sync::Replica;

namespace {

/// Which of the files handed in the submission names and does not have yet.
Result<std::vector<std::pair<std::string, const Part*>>> wanted_files(Replica& replica, const sync::ReadTxn& txn,
                                                                      const Prepared& prepared, const Handed& handed) {
  std::vector<std::pair<std::string, const Part*>> out;
  for (const std::string& name : prepared.facts.attachments) {
    const auto given = std::ranges::find_if(
        handed.files, [&](const Part* part) { return part->file && node::attachment_name(part->file_name) == name; });
    if (given == handed.files.end()) continue;
    KHUOI_TRY(const bool here, replica.intake().has_file(txn, prepared, name));
    if (!here) out.emplace_back(name, *given);
  }
  return out;
}

Error variant_error() {
  return fail(Errc::conflict, "a submission with this instanceID and other content is here already");
}

}  // namespace

Result<Taken> hand_in(node::Engine& engine, const Handed& handed) {
  std::vector<std::pair<std::string, const Part*>> wanted;
  KHUOI_TRY_VOID(engine.look([&](Replica& replica, const sync::ReadTxn& txn) -> Result<void> {
    if (replica.self().is_commune()) return fail(Errc::denied, "submissions are taken at a hamlet, not at a commune");
    KHUOI_TRY(const Prepared prepared, replica.intake().prepare(txn, handed.xml));
    if (prepared.variant && handed.refuse_variant) return variant_error();
    KHUOI_TRY(wanted, wanted_files(replica, txn, prepared, handed));
    return {};
  }));
  std::vector<std::pair<std::string, std::unique_ptr<StagedFile>>> incoming;
  for (const auto& [name, part] : wanted) {
    incoming.emplace_back(name, std::make_unique<StagedFile>(engine));
    KHUOI_TRY_VOID(incoming.back().second->stream(*part->file));
  }
  Taken out;
  const auto usage = engine.store().usage();
  KHUOI_TRY_VOID(engine.work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    replica.intake().set_usage(usage);
    KHUOI_TRY(const Prepared prepared, replica.intake().prepare(batch.txn, handed.xml));
    if (prepared.variant && handed.refuse_variant) return variant_error();
    out.repeat = prepared.repeat;
    out.domain = prepared.form.domain;
    std::vector<sync::FileFacts> files;
    for (const auto& [name, one] : incoming) {
      KHUOI_TRY(auto facts, one->finish(batch, name));
      files.push_back(std::move(facts));
    }
    KHUOI_TRY(out.id, replica.intake().submit(batch, prepared, files));
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
