#include "node/acts/submit.h"

#include <algorithm>
#include <map>

#include "node/acts/role.h"
#include "sync/record/file_name.h"

namespace khuoi::node {

using sync::Prepared;
using sync::Replica;
using sync::ReplicaReader;

namespace {

/// Under which of the names that the submission names a file is kept; empty when it is none of them.
std::string name_in(const std::map<std::string, std::size_t>& named, const OfferedFile& file) {
  for (const std::string& said : file.names) {
    std::string name = sync::kept_name(said);
    if (named.contains(name)) return name;
  }
  return {};
}

/// Whether this very file came before, or stands in `wanted` already.
Result<bool> is_here(ReplicaReader& reader, const sync::ReadTxn& txn, const Prepared& prepared, const OfferedFile& file,
                     const std::vector<OfferedFile*>& wanted) {
  const std::string& name = file.source.name;
  for (const OfferedFile* other : wanted) {
    if (other->source.name != name) continue;
    KHUOI_TRY(const Bytes content, file.content());
    KHUOI_TRY(const Bytes others, other->content());
    if (content == others) return true;
  }
  KHUOI_TRY(const bool has_name, reader.submissions().has_name(txn, prepared, name));
  if (!has_name) return false;
  KHUOI_TRY(const Bytes content, file.content());
  return reader.submissions().has_file(txn, prepared, name, content);
}

Result<Prepared> prepare(ReplicaReader& reader, const sync::ReadTxn& txn, const HandedIn& handed) {
  KHUOI_TRY(Prepared prepared, reader.submissions().prepare(txn, handed.xml));
  if (prepared.variant && handed.refuse_variant) {
    return fail(Errc::conflict, "a submission with this instanceID and other content is here already");
  }
  return prepared;
}

TakenIn taken_in_of(const Prepared& prepared, const DossierId& id) {
  TakenIn out;
  out.id = id;
  out.repeat = prepared.repeat;
  out.erased = prepared.erased;
  out.domain = prepared.form.domain;
  return out;
}

/// What several submissions want is staged once.
Result<void> stage(Engine& engine, std::span<OfferedFile* const> wanted) {
  std::vector<Staging> fresh;
  for (OfferedFile* file : wanted) {
    if (!file->staged) file->staged = std::make_unique<StagedFile>(engine);
    if (!file->staged->streamed()) fresh.push_back({file->staged.get(), &file->source});
  }
  return stage_files(fresh);
}

/// What was finished went with the commit; what was not is stored anew with another submission.
void settle(std::span<OfferedFile* const> wanted, bool done) {
  for (OfferedFile* file : wanted) {
    if (!file->staged || file->staged->kept()) continue;
    if (done && file->staged->finished()) {
      file->staged->keep();
    } else {
      file->staged.reset();
    }
  }
}

Result<DossierId> take_files_in(Replica& replica, sync::Batch& batch, const Prepared& prepared,
                                std::span<OfferedFile* const> wanted) {
  std::vector<sync::FileFacts> files;
  std::vector<Bytes> contents;
  for (const OfferedFile* file : wanted) {
    const Bytes& content = file->staged->content();
    // The same submission may have come a second time since they were paired.
    const auto& submissions = replica.reader().submissions();
    KHUOI_TRY(const bool here, submissions.has_file(batch.txn, prepared, file->source.name, content));
    if (here) continue;
    KHUOI_TRY(files.emplace_back(), file->staged->finish(batch));
    contents.push_back(content);
  }
  return replica.intake().submit(batch, prepared, files, contents);
}

Result<void> take_in(Replica& replica, sync::Batch& batch, const HandedIn& handed,
                     const std::vector<OfferedFile*>& wanted, TakenIn& out) {
  KHUOI_TRY(const Prepared prepared, prepare(replica.reader(), batch.txn, handed));
  KHUOI_TRY(const DossierId id, take_files_in(replica, batch, prepared, wanted));
  out = taken_in_of(prepared, id);
  if (handed.also) KHUOI_TRY_VOID(handed.also(replica, batch));
  KHUOI_TRY(const auto row, replica.dossiers().row(batch.txn, prepared.key));
  if (!row) return {};
  sync::CommuneHolds holds = replica.views().commune_holds(batch.txn);
  KHUOI_TRY(const sync::DossierEntry progress, replica.views().progress(*row, holds));
  out.number = row->number;
  out.state = progress.state;
  return {};
}

Result<void> stage_and_take_in(Engine& engine, const HandedIn& handed, const std::vector<OfferedFile*>& wanted,
                               TakenIn& out) {
  KHUOI_TRY_VOID(stage(engine, wanted));
  const auto usage = engine.store().usage();
  return engine.work([&](Replica& replica, sync::Batch& batch) {
    replica.intake().set_usage(usage);
    return take_in(replica, batch, handed, wanted, out);
  });
}

Result<std::vector<OfferedFile*>> wanted_of(Engine& engine, const HandedIn& handed) {
  KHUOI_TRY(const Pairing pairing, pair_files(engine, handed));
  return pairing.wanted;
}

}  // namespace

Result<void> check_takes_submissions(Engine& engine) {
  KHUOI_TRY(const bool commune, at_commune(engine));
  if (!commune) return {};
  return fail(Errc::denied, "submissions are taken at a hamlet, not at a commune");
}

Result<Pairing> pair_files(Engine& engine, const HandedIn& handed) {
  Pairing out;
  KHUOI_TRY_VOID(engine.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    const auto prepared = prepare(reader, txn, handed);
    if (!prepared) {
      out.prepared = prepared.error();
      return {};
    }
    // Of a form that is not here these are all texts of the submission.
    const std::vector<std::string>& names = prepared->facts.attachments;
    std::map<std::string, std::size_t> named;
    for (std::size_t i = 0; i < names.size(); ++i) named.emplace(names[i], i);
    for (const auto& file : handed.files) {
      const std::string name = name_in(named, *file);
      if (name.empty()) {
        out.unnamed.push_back(file->names.front());
        continue;
      }
      file->source.name = name;
      out.named.push_back(file.get());
      KHUOI_TRY(const bool here, is_here(reader, txn, *prepared, *file, out.wanted));
      if (!here) out.wanted.push_back(file.get());
    }
    std::ranges::stable_sort(out.named, {}, [&](const OfferedFile* one) { return named.at(one->source.name); });
    return {};
  }));
  std::ranges::stable_sort(out.wanted, {}, [](const OfferedFile* one) { return !one->comes_first; });
  return out;
}

Result<TakenIn> submit(Engine& engine, const HandedIn& handed) {
  KHUOI_TRY_VOID(check_takes_submissions(engine));
  KHUOI_TRY(Pairing pairing, pair_files(engine, handed));
  if (!pairing.prepared) return pairing.prepared.error();
  TakenIn out;
  const auto done = stage_and_take_in(engine, handed, pairing.wanted, out);
  settle(pairing.wanted, done.has_value());
  if (!done) return done.error();
  out.unnamed = std::move(pairing.unnamed);
  return out;
}

void begin_to_read(Engine& engine, OfferedFile& file) {
  if (file.staged) return;
  file.staged = std::make_unique<StagedFile>(engine);
  if (!file.staged->begin(file.source)) file.staged.reset();
}

Result<std::vector<Result<TakenIn>>> submit_together(Engine& engine, std::span<const HandedIn> submissions) {
  std::vector<std::vector<OfferedFile*>> wanted;
  std::vector<OfferedFile*> all;
  for (const HandedIn& one : submissions) {
    wanted.emplace_back();
    if (one.files.empty()) continue;
    KHUOI_TRY(wanted.back(), wanted_of(engine, one));
    all.insert(all.end(), wanted.back().begin(), wanted.back().end());
  }
  std::vector<Result<TakenIn>> out;
  const auto take_all = [&](Replica& replica, sync::Batch& batch) -> Result<void> {
    for (std::size_t i = 0; i < submissions.size(); ++i) {
      // What cannot be prepared has written nothing yet.
      const auto prepared = prepare(replica.reader(), batch.txn, submissions[i]);
      if (!prepared) {
        out.emplace_back(prepared.error());
        continue;
      }
      KHUOI_TRY(const DossierId id, take_files_in(replica, batch, *prepared, wanted[i]));
      out.emplace_back(taken_in_of(*prepared, id));
    }
    return {};
  };
  Result<void> done = stage(engine, all);
  const auto usage = engine.store().usage();
  if (done) {
    done = engine.work([&](Replica& replica, sync::Batch& batch) {
      replica.intake().set_usage(usage);
      return take_all(replica, batch);
    });
  }
  settle(all, done.has_value());
  if (!done) return done.error();
  return out;
}

}  // namespace khuoi::node
