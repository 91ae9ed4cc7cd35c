#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "sync/codec/codec.h"
#include "sync/codec/dictionary.h"
#include "sync/log/core.h"
#include "sync/record/instance.h"

namespace khuoi::sync {

using FormHash = Id<struct FormHashTag, 32>;

/// One published form, without its XML.
struct FormEntry {
  std::string id;
  std::string version;
  std::string title;
  Domain domain = Domain::general;
  bool closed = false;
  bool built_in = false;  ///< ships with the program
  std::uint64_t order = 0;  ///< later ones were published later here
  FormHash hash;            ///< BLAKE2b-256 of the XML's octets
  std::vector<FileFacts> media;
  static auto parts(auto& entry) {
    return parts_of(entry.domain, entry.closed, entry.built_in, entry.order, entry.hash, Counted(entry.id, 1U << 20U),
                    Counted(entry.version, 1U << 20U), Counted(entry.title, 1U << 20U), List(entry.media));
  }
};

/// The forms and models a node knows: tables `form` and `model`. Form XML is public; dictionaries come sealed to the
/// box's unattended key.
class Library final {
 public:
  /// A form the program ships. Idempotent. Under an id and version that is here with other octets it takes the place of
  /// what an earlier program shipped, and none of what the commune published; all of them can be read.
  Result<void> put_built_in(Batch& batch, ByteView xml, Domain domain);
  /// Forms that an earlier program shipped and this one does not, and that submissions are coded with still.
  [[nodiscard]] Result<std::vector<FormHash>> outdated(const ReadTxn& txn, std::span<const FormHash> shipped) const;
  /// From now on submissions of this form are coded without it: a commune that began later may never have had it. Until
  /// the commune sends a dictionary for it.
  Result<void> code_without(Batch& batch, const FormHash& form);
  /// A form from a record (or one about to be published). What stood under its id and version with other octets is kept
  /// apart, by its hash: what was filled in with it stays readable. Errors: malformed when it is no XForm of that id.
  Result<void> put_form(Batch& batch, const FormRecord& form);
  /// The same for a record of that ref, in whatever order records arrive: `before` says which of two its author wrote
  /// first. What was published later stays the newest, and stays closed. Errors: as put_form; of `before`.
  using Before = std::function<Result<bool>(const Ref&, const Ref&)>;
  Result<void> put_form(Batch& batch, const FormRecord& form, const Ref& ref, const Before& before);
  /// From a record. The model of that form with this dictionary becomes the one to encode with.
  Result<void> put_dictionary(Batch& batch, const DictionaryRecord& dictionary);

  /// An entry that does not decode is left out: it must not hide the others.
  [[nodiscard]] Result<std::vector<FormEntry>> forms(const ReadTxn& txn) const;
  /// The exact version, else the newest of that id: an old version from a phone is accepted.
  [[nodiscard]] Result<std::optional<FormEntry>> form(const ReadTxn& txn, std::string_view id, std::string_view version) const;
  /// The form whose XML has this hash, in hexadecimal digits, even one whose place another took since.
  [[nodiscard]] Result<std::optional<FormEntry>> form_of_hash(const ReadTxn& txn, std::string_view digits) const;
  /// What reads a submission: the form of that id, version and root element, even one whose place another form took
  /// since; else, not `known`, the closest: as form().
  struct Choice {
    FormEntry entry;
    bool known = false;
    bool replaced = false;  ///< another form was published under that id and version: which one was used, nobody knows
  };
  [[nodiscard]] Result<std::optional<Choice>> form_for(const ReadTxn& txn, const InstanceHead& head);
  /// The facts of a submission that was coded as `payload`: read with the form that its model names if that is of the
  /// submission's own version, else with form_for's, else without any. Errors: as Instance::facts_by_closest.
  [[nodiscard]] Result<InstanceFacts> facts_of(const ReadTxn& txn, ByteView payload, ByteView xml);
  /// The same where the form that its model names is its own: they never change. Else nothing.
  [[nodiscard]] Result<std::optional<InstanceFacts>> facts_by_model(const ReadTxn& txn, ByteView payload, ByteView xml);
  [[nodiscard]] Result<Bytes> xml(const ReadTxn& txn, const FormHash& hash) const;
  Result<const FormFacts*> facts(const ReadTxn& txn, const FormHash& hash);

  /// The octets of the dictionary that submissions of this form are encoded with; empty if there is none.
  [[nodiscard]] Result<Bytes> dictionary_in_force(const ReadTxn& txn, const FormHash& form) const;
  /// What to encode submissions of this form with.
  Result<std::shared_ptr<const Model>> model_for(const ReadTxn& txn, const FormHash& form);
  /// Errors: not_found for a model nobody told this node of.
  Result<std::shared_ptr<const Model>> model(const ReadTxn& txn, const ModelHash& hash);
  /// Decodes a payload under the model it names. Errors: not_found, malformed, too_large past octets_max.
  Result<Bytes> decode(const ReadTxn& txn, ByteView payload, std::size_t octets_max = xml_octets_max);
  /// After a failed commit.
  void forget();

 private:
  Result<void> put_entry(Batch& batch, FormEntry entry, ByteView xml);
  /// Makes it the newest of all forms.
  Result<void> put_last(Batch& batch, FormEntry entry);
  Result<void> put_replaced(Batch& batch, FormEntry entry, ByteView xml);
  [[nodiscard]] Result<std::vector<FormEntry>> replaced_forms(const ReadTxn& txn, const InstanceHead& head) const;
  Result<const FormFacts*> own_form(const ReadTxn& txn, ByteView payload, const InstanceHead& head);
  [[nodiscard]] Result<std::optional<FormHash>> form_of_model(const ReadTxn& txn, ByteView payload) const;
  [[nodiscard]] Result<Bytes> dictionary_octets(const ReadTxn& txn, const FormHash& hash) const;
  Result<void> put_model(Batch& batch, const FormHash& form, ByteView form_xml, const FormHash* dictionary,
                         ByteView dictionary_octets);
  std::vector<std::pair<ModelHash, std::shared_ptr<const Model>>> models_;  ///< the one used last comes last
  std::map<FormHash, FormFacts> facts_;
};

}  // namespace khuoi::sync
