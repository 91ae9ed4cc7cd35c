#include "sync/dossiers/intake.h"

#include <algorithm>

#include "sync/seal/hash.h"

namespace khuoi::sync {

Result<DossierId> Intake::submit(Batch& batch, const Prepared& prepared, const std::vector<FileFacts>& files,
                                 const std::vector<Bytes>& contents) {
  if (!prepared.repeat && usage_.octets_max != 0 && usage_.octets_used > usage_.octets_max / 5 * 4) {
    return fail(Errc::store_full, "the store is over 80 % full: no new dossiers until space is made; what is here is kept");
  }
  if (!prepared.repeat) {
    KHUOI_TRY(const auto model, library_.model_for(batch.txn, prepared.form.hash));
    Bytes payload = encode_payload(*model, prepared.xml);
    if (payload.size() > record_octets_max - 4096) {
      return fail(Errc::too_large, "the submission does not fit a record of 1 MiB even compressed: move its data to an attachment");
    }
    std::vector<Ref> seen;
    Body body = Submission{payload};
    if (prepared.is_edit) {
      KHUOI_TRY(const auto replaced, check_.first_of(batch.txn, prepared.facts.deprecated_id));
      if (replaced) {
        const Ref version = replaced->first;
        KHUOI_TRY(const auto row, dossiers_.brief(batch.txn, prepared.key));
        // An edit of the version in force has seen all there is; one of an older version is a concurrent one.
        const bool of_the_latest = row && row->heads.size() == 1 && row->heads.front() == version;
        seen = of_the_latest ? row->seen : std::vector<Ref>{version};
      }
      body = Edit{prepared.key.id, seen, std::move(payload)};
    }
    KHUOI_TRY(const Ref ref, writer_.append(batch, commune_recipient(core_, prepared.form.domain), prepared.rank, prepared.form.domain, body));
    KHUOI_TRY(auto first, check_.note(batch, prepared, ref));
    if (prepared.erased_row) {
      KHUOI_TRY_VOID(dossiers_.name_apart(batch, *prepared.erased_row, ref));
    } else {
      const DossierIndex::Version version{ref, kind_of(body), prepared.form.domain, std::move(seen),
                                          prepared.facts.instance_id, prepared.facts.deprecated_id, std::move(first)};
      KHUOI_TRY_VOID(index_.index_version(batch, prepared.key, version));
    }
  }
  KHUOI_TRY_VOID(add_files(batch, prepared, files, contents));
  return prepared.shown;
}

Result<void> Intake::replace_refs(Batch& batch, const std::map<Ref, Ref>& replaced) {
  std::vector<std::pair<Bytes, std::pair<Ref, Bytes>>> changed;
  const auto renew = [&](const Bytes& mark, const std::pair<Ref, Bytes>& row) {
    const auto found = replaced.find(row.first);
    if (found != replaced.end()) changed.emplace_back(mark, std::pair(found->second, row.second));
  };
  KHUOI_TRY_VOID(mark_rows.each(batch.txn, std::tuple<>(), renew, mark_rows.pass_over_damaged));
  for (const auto& [mark, row] : changed) KHUOI_TRY_VOID(mark_rows.put(batch, mark, row));
  return {};
}

Result<void> Intake::add_files(Batch& batch, const Prepared& prepared, const std::vector<FileFacts>& files,
                               const std::vector<Bytes>& contents) {
  if (files.empty()) return {};
  KHUOI_TRY(const Ref version, check_.place_of(batch.txn, prepared));
  for (std::size_t i = 0; i < files.size(); ++i) {
    const FileFacts& file = files[i];
    const Bytes content = i < contents.size() ? contents[i] : Bytes();
    KHUOI_TRY(const bool here, check_.has_file(batch.txn, prepared, file.name, content));
    if (here) continue;
    const Recipient to = commune_recipient(core_, prepared.form.domain);
    const Manifest manifest{prepared.key.id, file, version};
    KHUOI_TRY(const Ref ref, writer_.append(batch, to, Rank::low, prepared.form.domain, manifest));
    Bytes mark = key_of(ref);
    if (!content.empty()) {
      KHUOI_TRY_VOID(batch.txn.put(Table::duplicate, check_.content_mark(prepared, file.name, content), mark));
      mark.push_back(1);  // there is a mark of the content
    }
    KHUOI_TRY_VOID(batch.txn.put(Table::duplicate, check_.name_mark(prepared, file.name), mark));
    Plain plain;
    plain.kind = Kind::manifest;
    plain.domain = prepared.form.domain;
    plain.body = manifest;
    KHUOI_TRY_VOID(index_.index(batch, ref, plain));
  }
  return {};
}

}  // namespace khuoi::sync
