#include "sync/dossiers/library.h"

#include <algorithm>

#include "sync/seal/hash.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {

constexpr std::size_t models_cached_max = 4;  // a model with its dictionary takes a megabyte or two
constexpr std::size_t facts_cached_max = 64;

/// By entry_key.
constexpr Rows<Bytes, FormEntry> entry_rows{Table::form, 'e', "a form's entry"};
/// Of forms whose id and version another one took.
constexpr Rows<FormHash, FormEntry> replaced_rows{Table::form, 'r', "a replaced form's entry"};
constexpr Rows<FormHash, ByteView> xml_rows{Table::form, 'x', "a form"};
constexpr Rows<FormHash, ByteView> dictionary_rows{Table::form, 'd', "a dictionary"};
constexpr Rows<FormHash, ModelHash> model_in_force_rows{Table::form, 'c', "what a form is coded with"};
constexpr Rows<FormHash, Ref> publisher_rows{Table::form, 'w', "what published a form"};
/// A form and its dictionary; zero: none.
constexpr Rows<ModelHash, std::pair<FormHash, FormHash>> model_rows{Table::model, "a model"};

Bytes entry_key(std::string_view id, std::string_view version) {
  Bytes out = to_bytes(view_of("e" + std::string(id)));
  out.push_back(0);
  append(out, view_of(version));
  // LMDB keys end at 511 octets; a form id that long is legal, so its tail is hashed.
  Bytes cut(out.begin() + 1, out.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(out.size(), 360)));
  if (out.size() <= 400) return {out.begin() + 1, out.end()};
  append(cut, Blake2b(32).add(out).finish());
  return cut;
}

}  // namespace

Result<void> Library::put_last(Batch& batch, FormEntry entry) {
  KHUOI_TRY(const std::uint64_t order, meta_number(batch.txn, "form_order"));
  entry.order = order + 1;
  KHUOI_TRY_VOID(put_meta_number(batch, "form_order", order + 1));
  return entry_rows.put(batch, entry_key(entry.id, entry.version), entry);
}

Result<void> Library::put_replaced(Batch& batch, FormEntry entry, ByteView xml) {
  entry.hash = hash_id<FormHash>(xml);
  KHUOI_TRY_VOID(replaced_rows.put(batch, entry.hash, entry));
  KHUOI_TRY_VOID(xml_rows.put(batch, entry.hash, xml));
  return put_model(batch, entry.hash, xml, nullptr, {});
}

Result<void> Library::put_entry(Batch& batch, FormEntry entry, ByteView xml) {
  entry.hash = hash_id<FormHash>(xml);
  const auto other = entry_rows.get(batch.txn, entry_key(entry.id, entry.version));
  if (!other && other.error().code != Errc::damaged) return other.error();
  if (other && *other && (*other)->hash != entry.hash) {
    KHUOI_TRY_VOID(replaced_rows.put(batch, (*other)->hash, **other));
  }
  KHUOI_TRY_VOID(replaced_rows.erase(batch, entry.hash));
  KHUOI_TRY_VOID(put_last(batch, entry));
  KHUOI_TRY_VOID(xml_rows.put(batch, entry.hash, xml));
  return put_model(batch, entry.hash, xml, nullptr, {});
}

Result<void> Library::put_model(Batch& batch, const FormHash& form, ByteView form_xml, const FormHash* dictionary,
                                ByteView dictionary_octets) {
  const ModelHash hash = Model::hash_of(form_xml, dictionary_octets);
  const std::pair model(form, dictionary != nullptr ? *dictionary : FormHash());
  KHUOI_TRY(const auto present, model_rows.get(batch.txn, hash));
  // Two models with one 4-octet hash: the first keeps it, and records go on being encoded with what was in force.
  if (present && *present != model) return {};
  KHUOI_TRY_VOID(model_rows.put(batch, hash, model));
  KHUOI_TRY(const auto in_force, model_in_force_rows.get(batch.txn, form));
  if (in_force && dictionary == nullptr) return {};  // published again: its dictionary stays in force
  return model_in_force_rows.put(batch, form, hash);
}

Result<void> Library::put_built_in(Batch& batch, ByteView xml, Domain domain) {
  KHUOI_TRY(const FormFacts facts, read_form(xml));
  KHUOI_TRY(const auto present, form(batch.txn, facts.id, facts.version));
  const bool is_taken = present && present->version == facts.version;
  const FormHash hash = hash_id<FormHash>(xml);
  if (is_taken && present->hash == hash) return {};
  if (is_taken && !present->built_in) {
    // The commune's own stands, and what other boxes fill in with the shipped one is read all the same.
    KHUOI_TRY_VOID(xml_rows.put(batch, hash, xml));
    return put_model(batch, hash, xml, nullptr, {});
  }
  FormEntry entry;
  entry.id = facts.id;
  entry.version = facts.version;
  entry.title = facts.title;
  entry.domain = domain;
  entry.built_in = true;
  return put_entry(batch, std::move(entry), xml);
}

Result<std::vector<FormHash>> Library::outdated(const ReadTxn& txn, std::span<const FormHash> shipped) const {
  std::vector<FormHash> out;
  const auto look = [&](const auto&, const FormEntry& entry) {
    const bool is_old = entry.built_in && std::ranges::find(shipped, entry.hash) == shipped.end();
    if (is_old) out.push_back(entry.hash);
  };
  KHUOI_TRY_VOID(entry_rows.each(txn, std::tuple<>(), look, entry_rows.pass_over_damaged));
  KHUOI_TRY_VOID(replaced_rows.each(txn, std::tuple<>(), look, replaced_rows.pass_over_damaged));
  std::vector<FormHash> coded;
  for (const FormHash& form : out) {
    const auto octets = xml(txn, form);
    KHUOI_TRY(const auto in_force, model_in_force_rows.get(txn, form));
    if (octets && in_force == Model::hash_of(*octets, {})) coded.push_back(form);
  }
  return coded;
}

Result<void> Library::code_without(Batch& batch, const FormHash& form) {
  return model_in_force_rows.put(batch, form, Model::hash_of({}, {}));
}

namespace {
Result<FormEntry> entry_of(const FormRecord& form) {
  KHUOI_TRY(const FormFacts facts, read_form(form.xml));
  if (facts.id != form.id || facts.version != form.version) {
    return fail(Errc::malformed, "form: the XForm names itself '" + facts.id + "', not '" + form.id + "'");
  }
  FormEntry entry;
  entry.id = form.id;
  entry.version = form.version;
  entry.title = form.title;
  entry.domain = form.domain;
  entry.closed = form.closed;
  entry.media = form.media;
  return entry;
}
}  // namespace

Result<void> Library::put_form(Batch& batch, const FormRecord& form) {
  KHUOI_TRY(FormEntry entry, entry_of(form));
  return put_entry(batch, std::move(entry), form.xml);
}

Result<void> Library::put_form(Batch& batch, const FormRecord& form, const Ref& ref, const Before& before) {
  KHUOI_TRY(FormEntry entry, entry_of(form));
  KHUOI_TRY(const auto known, forms(batch.txn));
  std::vector<FormEntry> later;
  for (const FormEntry& one : known) {
    if (one.id != entry.id) continue;
    KHUOI_TRY(const auto other, publisher_rows.get(batch.txn, one.hash));
    if (!other || *other == ref) continue;
    KHUOI_TRY(const bool is_later, before(ref, *other));
    if (is_later) later.push_back(one);
  }
  const FormHash hash = hash_id<FormHash>(form.xml);
  const auto instead = std::ranges::find(later, entry.version, &FormEntry::version);
  if (instead != later.end()) {
    return instead->hash == hash ? Result<void>() : put_replaced(batch, std::move(entry), form.xml);
  }
  KHUOI_TRY_VOID(put_entry(batch, std::move(entry), form.xml));
  std::ranges::sort(later, {}, &FormEntry::order);
  for (FormEntry& one : later) KHUOI_TRY_VOID(put_last(batch, std::move(one)));
  return publisher_rows.put(batch, hash, ref);
}

Result<void> Library::put_dictionary(Batch& batch, const DictionaryRecord& dictionary) {
  const FormHash form(dictionary.form_hash);
  const FormHash hash = hash_id<FormHash>(dictionary.octets);
  KHUOI_TRY(const Bytes form_xml, xml(batch.txn, form));
  KHUOI_TRY_VOID(Dictionary::decode(dictionary.octets));
  KHUOI_TRY_VOID(dictionary_rows.put(batch, hash, dictionary.octets));
  return put_model(batch, form, form_xml, &hash, dictionary.octets);
}

Result<std::vector<FormEntry>> Library::forms(const ReadTxn& txn) const {
  std::vector<FormEntry> out;
  const auto take = [&](const Bytes&, FormEntry& entry) { out.push_back(std::move(entry)); };
  KHUOI_TRY_VOID(entry_rows.each(txn, std::tuple<>(), take, entry_rows.pass_over_damaged));
  return out;
}

Result<std::vector<FormEntry>> Library::replaced_forms(const ReadTxn& txn, const InstanceHead& head) const {
  std::vector<FormEntry> out;
  const auto take = [&](const FormHash&, FormEntry& entry) {
    if (entry.id == head.form_id && entry.version == head.version) out.push_back(std::move(entry));
  };
  KHUOI_TRY_VOID(replaced_rows.each(txn, std::tuple<>(), take, replaced_rows.pass_over_damaged));
  std::ranges::sort(out, std::ranges::greater(), &FormEntry::order);
  return out;
}

Result<std::optional<FormEntry>> Library::form_of_hash(const ReadTxn& txn, std::string_view digits) const {
  const auto hash = FormHash::from_hex_text(digits);
  if (!hash) return std::optional<FormEntry>();
  const auto replaced = replaced_rows.get(txn, *hash);
  if (replaced && *replaced) return *replaced;
  KHUOI_TRY(const auto all, forms(txn));
  const auto found = std::ranges::find(all, *hash, &FormEntry::hash);
  return found != all.end() ? std::optional(*found) : std::nullopt;
}

Result<std::optional<Library::Choice>> Library::form_for(const ReadTxn& txn, const InstanceHead& head) {
  KHUOI_TRY(auto closest, form(txn, head.form_id, head.version));
  if (!closest) return std::optional<Choice>();
  Choice out{std::move(*closest), false, false};
  if (out.entry.version != head.version) return std::optional(std::move(out));
  KHUOI_TRY(auto candidates, replaced_forms(txn, head));
  out.replaced = !candidates.empty();
  candidates.insert(candidates.begin(), out.entry);
  for (FormEntry& one : candidates) {
    const auto read = facts(txn, one.hash);
    if (!read || (*read)->root != head.root) continue;
    out.entry = std::move(one);
    out.known = true;
    break;
  }
  return std::optional(std::move(out));
}

Result<std::optional<FormHash>> Library::form_of_model(const ReadTxn& txn, ByteView payload) const {
  const auto hash = model_of(payload);
  if (!hash) return std::optional<FormHash>();
  KHUOI_TRY(const auto parts, model_rows.get(txn, *hash));
  return parts ? std::optional(parts->first) : std::nullopt;
}

/// The form that its model names, where it is of the submission's own id, version and root element; else null.
Result<const FormFacts*> Library::own_form(const ReadTxn& txn, ByteView payload, const InstanceHead& head) {
  KHUOI_TRY(const auto named, form_of_model(txn, payload));
  const auto form = named ? facts(txn, *named) : Result<const FormFacts*>(nullptr);
  if (!form || *form == nullptr) return static_cast<const FormFacts*>(nullptr);
  const bool is_its_own = (*form)->id == head.form_id && (*form)->version == head.version && (*form)->root == head.root;
  return is_its_own ? *form : nullptr;
}

Result<std::optional<InstanceFacts>> Library::facts_by_model(const ReadTxn& txn, ByteView payload, ByteView xml) {
  KHUOI_TRY(const Instance instance, Instance::parse(xml));
  KHUOI_TRY(const InstanceHead head, instance.head());
  KHUOI_TRY(const FormFacts* own, own_form(txn, payload, head));
  if (own == nullptr) return std::optional<InstanceFacts>();
  KHUOI_TRY(InstanceFacts out, instance.facts(*own));
  return std::optional(std::move(out));
}

Result<InstanceFacts> Library::facts_of(const ReadTxn& txn, ByteView payload, ByteView xml) {
  KHUOI_TRY(const Instance instance, Instance::parse(xml));
  KHUOI_TRY(const InstanceHead head, instance.head());
  KHUOI_TRY(const FormFacts* own, own_form(txn, payload, head));
  if (own != nullptr) return instance.facts(*own);
  KHUOI_TRY(const auto named, form_of_model(txn, payload));
  KHUOI_TRY(const auto choice, form_for(txn, head));
  const auto closest = choice  ? facts(txn, choice->entry.hash)
                       : named ? facts(txn, *named)
                               : Result<const FormFacts*>(fail(Errc::not_found, {}));
  if (!closest) return instance.facts_by_closest(nullptr);
  return choice && choice->known ? instance.facts(**closest) : instance.facts_by_closest(*closest);
}

Result<std::optional<FormEntry>> Library::form(const ReadTxn& txn, std::string_view id, std::string_view version) const {
  const auto exact = entry_rows.get(txn, entry_key(id, version));
  if (exact && *exact) return *exact;
  std::optional<FormEntry> newest;
  KHUOI_TRY(auto all, forms(txn));
  for (FormEntry& entry : all) {
    if (entry.id == id && (!newest || entry.order > newest->order)) newest = std::move(entry);
  }
  return newest;
}

Result<Bytes> Library::xml(const ReadTxn& txn, const FormHash& hash) const {
  KHUOI_TRY(const auto value, xml_rows.get(txn, hash));
  if (!value) return fail(Errc::not_found, "the form with hash " + hash.hex().substr(0, 16) + " is not known here");
  return to_bytes(*value);
}

Result<const FormFacts*> Library::facts(const ReadTxn& txn, const FormHash& hash) {
  const auto known = facts_.find(hash);
  if (known != facts_.end()) return &known->second;
  KHUOI_TRY(const Bytes octets, xml(txn, hash));
  KHUOI_TRY(auto facts, read_form(octets));
  if (facts_.size() >= facts_cached_max) facts_.clear();
  return &facts_.emplace(hash, std::move(facts)).first->second;
}

Result<Bytes> Library::dictionary_in_force(const ReadTxn& txn, const FormHash& form) const {
  KHUOI_TRY(const auto current, model_in_force_rows.get(txn, form));
  if (!current) return Bytes();
  KHUOI_TRY(const auto parts, model_rows.get(txn, *current));
  return parts && !parts->second.is_zero() ? dictionary_octets(txn, parts->second) : Bytes();
}

Result<Bytes> Library::dictionary_octets(const ReadTxn& txn, const FormHash& hash) const {
  KHUOI_TRY(const auto stored, dictionary_rows.get(txn, hash));
  if (!stored) return fail(Errc::damaged, "store: a dictionary is missing; restore from a backup");
  return to_bytes(*stored);
}

Result<std::shared_ptr<const Model>> Library::model_for(const ReadTxn& txn, const FormHash& form) {
  KHUOI_TRY(const auto hash, model_in_force_rows.get(txn, form));
  if (!hash) return Model::make({}, {});
  return model(txn, *hash);
}

Result<std::shared_ptr<const Model>> Library::model(const ReadTxn& txn, const ModelHash& hash) {
  const auto known = std::ranges::find(models_, hash, &decltype(models_)::value_type::first);
  if (known != models_.end()) {
    std::rotate(known, known + 1, models_.end());
    return models_.back().second;
  }
  std::shared_ptr<const Model> made;
  if (hash == Model::hash_of({}, {})) {
    KHUOI_TRY(made, Model::make({}, {}));
  } else {
    KHUOI_TRY(const auto parts, model_rows.get(txn, hash));
    if (!parts) {
      return fail(Errc::not_found, "the model " + hash.hex() + " is not known here yet; it is asked for at the next contact");
    }
    const auto& [form, dictionary] = *parts;
    KHUOI_TRY(const Bytes form_xml, xml(txn, form));
    Bytes octets;
    if (!dictionary.is_zero()) {
      KHUOI_TRY(octets, dictionary_octets(txn, dictionary));
    }
    KHUOI_TRY(made, Model::make(form_xml, octets));
  }
  if (models_.size() >= models_cached_max) models_.erase(models_.begin());
  models_.emplace_back(hash, made);
  return made;
}

Result<Bytes> Library::decode(const ReadTxn& txn, ByteView payload, std::size_t octets_max) {
  KHUOI_TRY(const ModelHash hash, model_of(payload));
  KHUOI_TRY(const auto with, model(txn, hash));
  return decode_payload(*with, payload, octets_max);
}

void Library::forget() {
  models_.clear();
  facts_.clear();
}

}  // namespace khuoi::sync
