// How a commune learns: design in sync/codec/FORMATS.md; this file chooses what from, and whether it is worth it.
#include "sync/dossiers/trainer.h"

#include <algorithm>
#include <functional>

namespace khuoi::sync {
namespace {

constexpr std::size_t looked_at_max = 1000;  // of all forms together; the newest teach most
/// A longer submission teaches little: it is a log or a list, and past this no record is written with a model's words.
constexpr std::size_t one_octets_max = 64U << 10U;
constexpr std::size_t all_octets_max = 4 * learned_octets_max;
constexpr std::size_t tried_max = 40;
constexpr std::uint64_t new_dossiers_min = 4;
constexpr std::string_view trained_at = "trained_at";

Error stopped() { return fail(Errc::closed, "training was stopped"); }

Result<Bytes> dictionary_of(std::span<const Bytes> submissions, ByteView form_xml, const StopAsked& stop) {
  const std::vector<ByteView> views(submissions.begin(), submissions.end());
  const Dictionary trained = train(views, form_xml, stop);
  if (stop && stop()) return stopped();
  return trained.encode();
}

/// Learns from the older four fifths, and tries that on the rest: what was learned from says nothing.
Result<bool> saves_a_tenth(const TrainingSet::OfForm& form, const StopAsked& stop) {
  const std::size_t count = form.submissions.size();
  if (count < new_dossiers_min) return false;
  const std::size_t tried = std::clamp<std::size_t>(count / 5, 1, tried_max);
  KHUOI_TRY(const Bytes older, dictionary_of(std::span(form.submissions).first(count - tried), form.form_xml, stop));
  KHUOI_TRY(const auto next, Model::make(form.form_xml, older));
  KHUOI_TRY(const auto in_force, Model::make(form.form_xml, form.dictionary));
  std::size_t octets_next = 0;
  std::size_t octets_now = 0;
  for (const Bytes& xml : std::span(form.submissions).last(tried)) {
    if (stop && stop()) return stopped();
    octets_next += encode_payload(*next, xml).size();
    octets_now += encode_payload(*in_force, xml).size();
  }
  return octets_next * 10 <= octets_now * 9;
}

}  // namespace

Result<std::vector<DictionaryRecord>> learn(const TrainingSet& set, Training training, const StopAsked& stop) {
  std::vector<DictionaryRecord> out;
  for (const auto& [hash, form] : set.forms) {
    if (training == Training::when_a_tenth_less) {
      KHUOI_TRY(const bool wanted, saves_a_tenth(form, stop));
      if (!wanted) continue;
    }
    KHUOI_TRY(Bytes octets, dictionary_of(form.submissions, form.form_xml, stop));
    if (!octets.empty() && octets != form.dictionary) out.push_back({hash.value, std::move(octets)});
  }
  return out;
}

Result<bool> Lessons::due(const ReadTxn& txn) const {
  if (!core_.self.is_commune()) return false;
  KHUOI_TRY(const std::uint64_t dossiers, meta_number(txn, "dossier_number"));
  KHUOI_TRY(const std::uint64_t then, meta_number(txn, trained_at));
  return dossiers >= then + new_dossiers_min;
}

Result<void> Trainer::note(Batch& batch) {
  if (!core_.self.is_commune()) return fail(Errc::denied, "dictionaries are trained at the commune");
  KHUOI_TRY(const std::uint64_t dossiers, meta_number(batch.txn, "dossier_number"));
  return put_meta_number(batch, trained_at, dossiers);
}

/// One more to learn from, when it can be read and is of a form that is known. True when it was taken.
Result<bool> Lessons::learn_from(const ReadTxn& txn, const Ref& ref, TrainingSet& out) {
  const auto plain = run_keys_.read(txn, ref);
  const auto* submission = plain ? std::get_if<Submission>(&plain->body) : nullptr;
  auto xml = submission != nullptr ? library_.decode(txn, submission->payload, one_octets_max) : Result<Bytes>(Bytes());
  const auto instance = xml ? Instance::parse(*xml) : Result<Instance>(fail(Errc::not_found, {}));
  const auto head = instance ? instance->head() : Result<InstanceHead>(instance.error());
  if (!head) return false;
  KHUOI_TRY(const auto form, library_.form(txn, head->form_id, head->version));
  if (!form) return false;
  TrainingSet::OfForm& of_form = out.forms[form->hash];
  if (of_form.octets + xml->size() > learned_octets_max || out.octets + xml->size() > all_octets_max) return false;
  if (of_form.submissions.empty()) {
    KHUOI_TRY(of_form.form_xml, library_.xml(txn, form->hash));
    KHUOI_TRY(of_form.dictionary, library_.dictionary_in_force(txn, form->hash));
  }
  of_form.octets += xml->size();
  out.octets += xml->size();
  of_form.submissions.push_back(std::move(*xml));
  return true;
}

Result<TrainingSet> Lessons::set(const ReadTxn& txn, const StopAsked& stop) {
  if (!core_.self.is_commune()) return fail(Errc::denied, "dictionaries are trained at the commune");
  std::vector<std::pair<std::uint32_t, Ref>> refs;  // dossiers are numbered as they come
  KHUOI_TRY_VOID(dossiers_.each_key(txn, [&](const DossierKey&, const DossierRow& row) {
    for (const DossierRow::Item& item : row.items) {
      if (item.kind == Kind::submission && !row.erased) refs.emplace_back(row.number, item.ref);
    }
  }));
  std::ranges::sort(refs, std::greater());
  if (refs.size() > looked_at_max) refs.resize(looked_at_max);
  TrainingSet out;
  for (const auto& [number, ref] : refs) {
    if (stop && stop()) return stopped();
    KHUOI_TRY_VOID(learn_from(txn, ref, out));
  }
  for (auto& [hash, form] : out.forms) std::ranges::reverse(form.submissions);
  return out;
}

Result<void> Trainer::publish(Batch& batch, const std::vector<DictionaryRecord>& dictionaries) {
  if (!core_.self.is_commune()) return fail(Errc::denied, "dictionaries are published by the commune");
  KHUOI_TRY_VOID(note(batch));
  for (const DictionaryRecord& record : dictionaries) {
    KHUOI_TRY_VOID(library_.put_dictionary(batch, record));
    // Two models with one 4-octet hash: the first keeps it, here and therefore everywhere.
    KHUOI_TRY(const Bytes in_force, library_.dictionary_in_force(batch.txn, FormHash(record.form_hash)));
    if (in_force != record.octets) continue;
    for (const NodeFacts* box : core_.roster.nodes()) {
      if (!box->revoked) KHUOI_TRY_VOID(send(batch, *box, record));
    }
  }
  return {};
}

Result<void> Trainer::send(Batch& batch, const NodeFacts& box, const DictionaryRecord& record) {
  const Recipient to = Recipient::sealed_to(box.auth, Domain::general);
  KHUOI_TRY_VOID(writer_.append(batch, to, Rank::low, Domain::general, record));
  return {};
}

Result<void> Trainer::send_in_force(Batch& batch, const NodeFacts& box) {
  KHUOI_TRY(const auto forms, library_.forms(batch.txn));
  for (const FormEntry& form : forms) {
    KHUOI_TRY(Bytes octets, library_.dictionary_in_force(batch.txn, form.hash));
    if (octets.empty()) continue;
    KHUOI_TRY_VOID(send(batch, box, {form.hash.value, std::move(octets)}));
  }
  return {};
}

Result<std::size_t> Trainer::at_once(Batch& batch) {
  KHUOI_TRY(const TrainingSet from, lessons_.set(batch.txn));
  KHUOI_TRY(const auto dictionaries, learn(from, Training::at_once));
  KHUOI_TRY_VOID(publish(batch, dictionaries));
  return dictionaries.size();
}

}  // namespace khuoi::sync
