#pragma once

#include <memory>

#include "sync/record/form.h"

namespace pugi {
class xml_document;
}

namespace khuoi::sync {

/// The part of a submission that says which form it belongs to.
struct InstanceHead {
  std::string form_id;
  std::string version;
  std::string root;
};
struct InstanceFacts {
  InstanceHead head;
  std::string instance_id;
  bool made_id = false;       ///< the form leaves it out: instance_id is made_instance_id of the XML
  std::string deprecated_id;  ///< set in an edit
  /// Names (kept_name) of what upload-bound nodes name, in document order, without repeats.
  std::vector<std::string> attachments;
  /// False when its form is not here in that version and with that root element: then the attachments are what the
  /// closest form makes of it, and there may be more.
  bool form_known = true;
};

/// A submission's XML, checked and parsed once: first it says which form it belongs to, then what that form makes of it.
class Instance final {
 public:
  /// Errors: malformed (not well-formed, any DOCTYPE, deeper than 64), too_large.
  static Result<Instance> parse(ByteView xml);
  Instance(Instance&& other) noexcept;
  Instance& operator=(Instance&& other) noexcept;
  ~Instance();

  /// Errors: malformed when the root names no form.
  [[nodiscard]] Result<InstanceHead> head() const;
  /// Checks the root element against the form and finds meta/instanceID, in `orx:meta` as well as `meta`. Where the
  /// form has none, the XML's octets make one.
  /// Errors: as head(); malformed without an instanceID (1..1,024 octets) that the form has, or with another root.
  [[nodiscard]] Result<InstanceFacts> facts(const FormFacts& form) const;
  /// The same for one whose own form is not here: whatever its root element, with the uploads of the closest form that
  /// is (none: no uploads). Errors: as head(); malformed without an instanceID.
  [[nodiscard]] Result<InstanceFacts> facts_by_closest(const FormFacts* closest) const;
  /// Base names (NFC) that the text of any element makes, in document order, without repeats: where nobody knows which
  /// elements take files, a file whose name stands here belongs to the submission.
  [[nodiscard]] std::vector<std::string> texts_as_names() const;

 private:
  explicit Instance(std::unique_ptr<pugi::xml_document> document);
  std::unique_ptr<pugi::xml_document> document_;
  std::string made_id_;  ///< of a submission that has none
};

/// What whoever hands in more than submission_xml_octets_max is told.
Error submission_too_large();

/// The instanceID of a submission whose form has none: "uuid:" and a UUID of version 8 (RFC 9562) made of BLAKE2b-128 of
/// "khuoi instance", a zero octet and the XML. The same octets are the same submission, handed in wherever and however
/// often; other octets are another one.
std::string made_instance_id(ByteView xml);

/// First 16 octets of BLAKE2b-256 of the instanceID's text.
DossierId dossier_id_of(std::string_view instance_id);
/// The id shown for a second dossier of that instanceID, from another hamlet.
DossierId dossier_id_of(std::string_view instance_id, const HamletId& hamlet);
/// "uuid:" and a UUID of version 4: nobody guesses it.
bool is_uuid4_instance(std::string_view instance_id);

}  // namespace khuoi::sync
