#include "sync/dossiers/submission_check.h"

#include <algorithm>
#include <set>

#include "sync/record/xml_guard.h"
#include "sync/seal/hash.h"

namespace khuoi::sync {

Bytes SubmissionCheck::repeat_hash(std::string_view instance_id, std::string_view what, ByteView more) const {
  const ByteView key = is_uuid4_instance(instance_id) ? ByteView() : core_.keys.repeat_key().view();
  const std::array<std::uint8_t, 1> end{0};
  return Blake2b(16, key).add(view_of(what)).add(end).add(view_of(instance_id)).add(end).add(more).finish();
}

Result<Prepared> SubmissionCheck::prepare(const ReadTxn& txn, ByteView xml) {
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
  KHUOI_TRY(const auto same, same_as(txn, out.facts.instance_id, xml));
  out.repeat = same.has_value();
  KHUOI_TRY(const auto known, first_of(txn, out.facts.instance_id));
  out.variant = known.has_value() && !out.repeat;
  if (known) {
    // Its dossier may have begun under another instanceID, of which this is an edit.
    out.key.id = known->second;
    // Then its record must name that dossier, or the commune would begin another one for it.
    out.is_edit = out.key.id != dossier_id_of(out.facts.instance_id);
  } else if (out.is_edit) {
    KHUOI_TRY(const auto first, first_of(txn, out.facts.deprecated_id));
    out.key.id = first ? first->second : dossier_id_of(out.facts.deprecated_id);
  }
  KHUOI_TRY(out.key, homes_.home_of(txn, out.key, out.form.domain));
  out.shown = out.key.id;
  KHUOI_TRY(auto row, dossiers_.brief(txn, out.key));
  if (out.is_edit && !(row && row->erased)) {
    const DossierId own = dossier_id_of(out.facts.instance_id);
    KHUOI_TRY(auto part, homes_.erased_part(txn, out.key, own, out.form.domain));
    if (part) row = std::move(part);
  }
  if (row) out.shown = row->shown;
  out.erased = row && row->erased;
  if (out.erased) out.erased_row = std::move(row);
  return out;
}

Bytes SubmissionCheck::name_mark(const Prepared& prepared, std::string_view name) const {
  return content_mark(prepared, name, {});
}

Bytes SubmissionCheck::content_mark(const Prepared& prepared, std::string_view name, ByteView content) const {
  Bytes more = to_bytes(view_of(name));
  more.push_back(0);
  append(more, Blake2b(32).add(prepared.xml).finish());
  append(more, content);
  return repeat_hash(prepared.facts.instance_id, content.empty() ? "file" : "file content", more);
}

Result<Ref> SubmissionCheck::place_of(const ReadTxn& txn, const Prepared& prepared) const {
  KHUOI_TRY(const auto place, same_as(txn, prepared.facts.instance_id, prepared.xml));
  return place ? *place : Result<Ref>(fail(Errc::not_found, "this submission is not here"));
}

Result<std::optional<DossierRow::First>> SubmissionCheck::in_row(const ReadTxn& txn, std::string_view instance_id) const {
  const DossierId id = dossier_id_of(instance_id);
  KHUOI_TRY(const auto led, DossierPlaces::led_to(txn, id));
  KHUOI_TRY(const auto own, DossierPlaces::find(txn, {HamletId(), id}));
  std::vector<std::uint32_t> numbers;
  if (led) numbers.push_back(*led);
  if (own && own->number != led) numbers.push_back(own->number);
  for (const std::uint32_t number : numbers) {
    KHUOI_TRY(const auto stored, dossier_rows.get(txn, number));
    if (!stored) continue;
    const auto first = std::ranges::find(stored->row.firsts, id, &DossierRow::First::id);
    if (first != stored->row.firsts.end()) return std::optional(*first);
  }
  return std::optional<DossierRow::First>();
}

Result<std::optional<std::pair<Ref, DossierId>>> SubmissionCheck::first_of(const ReadTxn& txn,
                                                                           std::string_view instance_id) const {
  KHUOI_TRY(auto known, submitted_rows.get(txn, repeat_hash(instance_id, "id", {})));
  if (known) return known;
  KHUOI_TRY(const auto first, in_row(txn, instance_id));
  return first ? std::optional(std::pair(first->ref, first->id)) : std::nullopt;
}

Result<std::optional<Ref>> SubmissionCheck::same_as(const ReadTxn& txn, std::string_view instance_id, ByteView xml) const {
  const Bytes mark = repeat_hash(instance_id, "xml", xml);
  KHUOI_TRY(const auto first, in_row(txn, instance_id));
  if (first && equal(mark, first->mark)) return std::optional(first->ref);
  KHUOI_TRY(const auto known, submitted_rows.get(txn, mark));
  return known ? std::optional(known->first) : std::nullopt;
}

Result<std::optional<DossierRow::First>> SubmissionCheck::note(Batch& batch, const Prepared& prepared, const Ref& ref) const {
  const std::string& instance = prepared.facts.instance_id;
  const Bytes mark = repeat_hash(instance, "xml", prepared.xml);
  const bool begins = !prepared.is_edit && !prepared.variant && !prepared.erased && prepared.key.id == dossier_id_of(instance);
  if (begins) {
    DossierRow::First out{prepared.key.id, ref, {}};
    std::ranges::copy(mark, out.mark.begin());
    return std::optional(out);
  }
  const std::pair place(ref, prepared.key.id);
  KHUOI_TRY_VOID(submitted_rows.put(batch, mark, place));
  if (!prepared.variant) KHUOI_TRY_VOID(submitted_rows.put(batch, repeat_hash(instance, "id", {}), place));
  return std::optional<DossierRow::First>();
}

Result<std::optional<Bytes>> SubmissionCheck::noted(const ReadTxn& txn, const Prepared& prepared, std::string_view name) const {
  KHUOI_TRY(const auto present, txn.get(Table::duplicate, name_mark(prepared, name)));
  if (present) return std::optional(to_bytes(*present));
  if (!prepared.repeat) return std::optional<Bytes>();
  const std::string& instance = prepared.facts.instance_id;
  KHUOI_TRY(const auto earlier, txn.get(Table::duplicate, repeat_hash(instance, "file", view_of(name))));
  if (!earlier) return std::optional<Bytes>();
  std::optional<Bytes> out(to_bytes(*earlier));
  KHUOI_TRY(const auto first, first_of(txn, instance));
  if (!first) return std::optional<Bytes>();
  KHUOI_TRY(const Ref own, place_of(txn, prepared));
  return first->first == own ? out : std::optional<Bytes>();
}

Result<bool> SubmissionCheck::has_name(const ReadTxn& txn, const Prepared& prepared, std::string_view name) const {
  KHUOI_TRY(const auto present, noted(txn, prepared, name));
  return present.has_value();
}

Result<bool> SubmissionCheck::has_file(const ReadTxn& txn, const Prepared& prepared, std::string_view name,
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

}  // namespace khuoi::sync
