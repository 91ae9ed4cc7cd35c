#include "sync/dossiers/intake.h"

#include <algorithm>
#include <set>

#include "sync/record/xml_guard.h"
#include "sync/seal/hash.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {
/// By repeat_hash of an instanceID, and of that with its XML: the record of a submission, and its dossier.
constexpr Rows<Bytes, std::pair<Ref, DossierId>> submitted{Table::duplicate, "what was handed in"};
/// Files' marks too: a record, and what else is noted with it.
constexpr Rows<Bytes, std::pair<Ref, Bytes>> marks{Table::duplicate, "what was handed in, or a file of it"};
}  // namespace

Bytes Intake::repeat_hash(std::string_view instance_id, std::string_view what, ByteView more) const {
  const ByteView key = is_uuid4_instance(instance_id) ? ByteView() : core_.keys.repeat_key().view();
  const std::array<std::uint8_t, 1> end{0};
  return Blake2b(16, key).add(view_of(what)).add(end).add(view_of(instance_id)).add(end).add(more).finish();
}

Result<Prepared> Intake::prepare(const ReadTxn& txn, ByteView xml) {
  if (xml.size() > submission_xml_octets_max) return submission_too_large();
  // Older stores hold such, and it reads; but no other program would read what comes out of here.
  if (find_unholdable(xml)) KHUOI_TRY_VOID(check_xml(xml));
  KHUOI_TRY(const Instance instance, Instance::parse(xml));
  KHUOI_TRY(const InstanceHead head, instance.head());
  KHUOI_TRY(const auto form, library_.form_for(txn, head));
  if (!form) {
    return fail(Errc::not_found, "the form '" + head.form_id + "' is not known here: publish it at the commune with "
                                 "'form add' and let it arrive, or choose a form that 'form list' shows");
  }
  if (form->entry.domain == Domain::health && !core_.health_open()) {
    return fail(Errc::not_ready,
                "health forms are not taken here before the hamlet was granted and a health worker has begun: keep it, "
                "and hand it in again then");
  }
  KHUOI_TRY(const FormFacts* facts, library_.facts(txn, form->entry.hash));
  Prepared out;
  // Of a version that is here nobody has another root element but by a fault; of others the closest form must do.
  const bool is_of_this = form->known || (form->entry.version == head.version && !form->replaced);
  KHUOI_TRY(out.facts, is_of_this ? instance.facts(*facts) : instance.facts_by_closest(facts));
  if (!form->known || form->replaced) {
    // The phone has a form that is not here: a file is the submission's when its name stands anywhere in it.
    std::vector<std::string>& names = out.facts.attachments;
    const std::set<std::string> before(names.begin(), names.end());
    for (std::string& name : instance.texts_as_names()) {
      if (!before.contains(name)) names.push_back(std::move(name));
    }
  }
  out.xml = to_bytes(xml);
  out.form = form->entry;
  if (facts->urgent) out.rank = Rank::urgent;
  out.key.id = dossier_id_of(out.facts.instance_id);
  out.is_edit = !out.facts.deprecated_id.empty();
  KHUOI_TRY(const auto same, submitted.get(txn, repeat_hash(out.facts.instance_id, "xml", xml)));
  out.repeat = same.has_value();
  KHUOI_TRY(const auto known, submitted.get(txn, repeat_hash(out.facts.instance_id, "id", {})));
  out.variant = known.has_value() && !out.repeat;
  if (known) {
    // Its dossier may have begun under another instanceID, of which this is an edit.
    out.key.id = known->second;
    // Then its record must name that dossier, or the commune would begin another one for it.
    out.is_edit = out.key.id != dossier_id_of(out.facts.instance_id);
  } else if (out.is_edit) {
    KHUOI_TRY(const auto first, submitted.get(txn, repeat_hash(out.facts.deprecated_id, "id", {})));
    out.key.id = first ? first->second : dossier_id_of(out.facts.deprecated_id);
  }
  KHUOI_TRY(out.key, dossiers_.home_of(txn, out.key, out.form.domain));
  out.shown = out.key.id;
  KHUOI_TRY(auto row, dossiers_.row(txn, out.key));
  if (out.is_edit && !(row && row->erased)) {
    const DossierId own = dossier_id_of(out.facts.instance_id);
    KHUOI_TRY(auto part, dossiers_.erased_part(txn, out.key, own, out.form.domain));
    if (part) row = std::move(part);
  }
  if (row) out.shown = row->shown;
  out.erased = row && row->erased;
  if (out.erased) out.erased_row = std::move(row);
  return out;
}

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
    const std::string& instance = prepared.facts.instance_id;
    std::vector<Ref> seen;
    Body body = Submission{payload};
    if (prepared.is_edit) {
      KHUOI_TRY(const auto replaced, submitted.get(batch.txn, repeat_hash(prepared.facts.deprecated_id, "id", {})));
      if (replaced) {
        const Ref version = replaced->first;
        KHUOI_TRY(const auto row, dossiers_.row(batch.txn, prepared.key));
        // An edit of the version in force has seen all there is; one of an older version is a concurrent one.
        const bool of_the_latest = row && row->heads.size() == 1 && row->heads.front() == version;
        seen = of_the_latest ? row->seen : std::vector<Ref>{version};
      }
      body = Edit{prepared.key.id, seen, std::move(payload)};
    }
    KHUOI_TRY(const Ref ref, writer_.append(batch, commune_recipient(core_, prepared.form.domain), prepared.rank, prepared.form.domain, body));
    const std::pair place(ref, prepared.key.id);
    KHUOI_TRY_VOID(submitted.put(batch, repeat_hash(instance, "xml", prepared.xml), place));
    if (!prepared.variant) KHUOI_TRY_VOID(submitted.put(batch, repeat_hash(instance, "id", {}), place));
    if (prepared.erased_row) {
      KHUOI_TRY_VOID(dossiers_.name_apart(batch, *prepared.erased_row, ref));
    } else {
      KHUOI_TRY_VOID(dossiers_.index_submission(batch, prepared.key, ref, kind_of(body), prepared.form.domain, seen, instance));
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
  KHUOI_TRY_VOID(marks.each(batch.txn, std::tuple<>(), renew, marks.pass_over_damaged));
  for (const auto& [mark, row] : changed) KHUOI_TRY_VOID(marks.put(batch, mark, row));
  return {};
}

Bytes Intake::name_mark(const Prepared& prepared, std::string_view name) const {
  return content_mark(prepared, name, {});
}

Bytes Intake::content_mark(const Prepared& prepared, std::string_view name, ByteView content) const {
  Bytes more = to_bytes(view_of(name));
  more.push_back(0);
  append(more, Blake2b(32).add(prepared.xml).finish());
  append(more, content);
  return repeat_hash(prepared.facts.instance_id, content.empty() ? "file" : "file content", more);
}

Result<Ref> Intake::place_of(const ReadTxn& txn, const Prepared& prepared) const {
  KHUOI_TRY(const auto place, submitted.get(txn, repeat_hash(prepared.facts.instance_id, "xml", prepared.xml)));
  if (!place) return fail(Errc::not_found, "this submission is not here");
  return place->first;
}

Result<std::optional<Bytes>> Intake::noted(const ReadTxn& txn, const Prepared& prepared, std::string_view name) const {
  KHUOI_TRY(const auto present, txn.get(Table::duplicate, name_mark(prepared, name)));
  if (present) return std::optional(to_bytes(*present));
  if (!prepared.repeat) return std::optional<Bytes>();
  const std::string& instance = prepared.facts.instance_id;
  KHUOI_TRY(const auto earlier, txn.get(Table::duplicate, repeat_hash(instance, "file", view_of(name))));
  if (!earlier) return std::optional<Bytes>();
  std::optional<Bytes> out(to_bytes(*earlier));
  KHUOI_TRY(const auto first, submitted.get(txn, repeat_hash(instance, "id", {})));
  if (!first) return std::optional<Bytes>();
  KHUOI_TRY(const Ref own, place_of(txn, prepared));
  return first->first == own ? out : std::optional<Bytes>();
}

Result<bool> Intake::has_name(const ReadTxn& txn, const Prepared& prepared, std::string_view name) const {
  KHUOI_TRY(const auto present, noted(txn, prepared, name));
  return present.has_value();
}

Result<bool> Intake::has_file(const ReadTxn& txn, const Prepared& prepared, std::string_view name,
                              ByteView content) const {
  KHUOI_TRY(const auto present, noted(txn, prepared, name));
  if (!present) return false;
  if (content.empty() || std::ranges::equal(content, Blake2b(file_content_octets).finish())) return true;
  KHUOI_TRY(const auto same, txn.get(Table::duplicate, content_mark(prepared, name, content)));
  if (same) return true;
  Reader from(*present);
  const Ref ref = read_ref(from);
  if (!from.rest().empty()) return false;
  // Noted by a version of the program that kept no mark of the content: another one is told only from an empty one, and
  // only once this box is open.
  const auto plain = run_keys_.read(txn, ref);
  const auto* manifest = plain ? std::get_if<Manifest>(&plain->body) : nullptr;
  return manifest == nullptr || manifest->file.octets != 0;
}

Result<void> Intake::add_files(Batch& batch, const Prepared& prepared, const std::vector<FileFacts>& files,
                               const std::vector<Bytes>& contents) {
  if (files.empty()) return {};
  KHUOI_TRY(const Ref version, place_of(batch.txn, prepared));
  for (std::size_t i = 0; i < files.size(); ++i) {
    const FileFacts& file = files[i];
    const Bytes content = i < contents.size() ? contents[i] : Bytes();
    KHUOI_TRY(const bool here, has_file(batch.txn, prepared, file.name, content));
    if (here) continue;
    const Recipient to = commune_recipient(core_, prepared.form.domain);
    const Manifest manifest{prepared.key.id, file, version};
    KHUOI_TRY(const Ref ref, writer_.append(batch, to, Rank::low, prepared.form.domain, manifest));
    Bytes mark = key_of(ref);
    if (!content.empty()) {
      KHUOI_TRY_VOID(batch.txn.put(Table::duplicate, content_mark(prepared, file.name, content), mark));
      mark.push_back(1);  // there is a mark of the content
    }
    KHUOI_TRY_VOID(batch.txn.put(Table::duplicate, name_mark(prepared, file.name), mark));
    Plain plain;
    plain.kind = Kind::manifest;
    plain.domain = prepared.form.domain;
    plain.body = manifest;
    KHUOI_TRY_VOID(dossiers_.index(batch, ref, plain));
  }
  return {};
}

}  // namespace khuoi::sync
