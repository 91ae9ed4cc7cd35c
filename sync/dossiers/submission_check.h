#pragma once

#include <vector>

#include "sync/dossiers/dossier_homes.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

/// A submission that passed every check that needs no passphrase.
struct Prepared {
  Bytes xml;
  InstanceFacts facts;   ///< where the form of its version is not here, any text of an element may name an attachment
  FormEntry form;
  DossierKey key;
  DossierId shown;
  Rank rank = Rank::high;  ///< urgent where the form says so
  bool is_edit = false;
  bool repeat = false;   ///< the same instanceID and XML is here already
  bool variant = false;  ///< the instanceID is here with other XML: both are kept and marked
  bool erased = false;   ///< its dossier was erased: what is new is kept apart, for a person
  std::optional<DossierRow> erased_row;  ///< that dossier's
};

/// Two files of one name are told apart by BLAKE2b of what is in them, so many octets.
inline constexpr std::size_t file_content_octets = 32;

/// By repeat_hash of an instanceID, and of that with its XML: the record of a submission, and its dossier. Not of what began
/// its dossier here, which stands in the dossier's row: DossierRow::firsts.
inline constexpr Rows<Bytes, std::pair<Ref, DossierId>> submitted_rows{Table::duplicate, "what was handed in"};
/// Files' marks too: a record, and what else is noted with it.
inline constexpr Rows<Bytes, std::pair<Ref, Bytes>> mark_rows{Table::duplicate, "what was handed in, or a file of it"};

/// What is to be said of a submission before it is taken in, locked or not. Writes nothing.
class SubmissionCheck final {
 public:
  SubmissionCheck(Core& core, RunKeys& run_keys, Library& library, Dossiers& dossiers, DossierHomes& homes)
      : core_(core), run_keys_(run_keys), library_(library), dossiers_(dossiers), homes_(homes) {}

  /// Errors: malformed, too_large (XML past submission_xml_octets_max), not_found (no such form here), not_ready
  /// (health, before it is open here).
  Result<Prepared> prepare(const ReadTxn& txn, ByteView xml);
  /// Whether a file of this name came with this very submission (instanceID and XML) before, whatever was in it. What
  /// came with the version that it edits is another file.
  Result<bool> has_name(const ReadTxn& txn, const Prepared& prepared, std::string_view name) const;
  /// Whether this very file did, so that there is no need to take it in again. Another one under its name is a further
  /// file; an empty one is none once there is one, and never stands in a full one's way.
  Result<bool> has_file(const ReadTxn& txn, const Prepared& prepared, std::string_view name, ByteView content) const;

  // --- the marks in table duplicate by which the above is known
  /// Recognises repeats while locked: plain for ids nobody guesses, keyed by this box for others.
  [[nodiscard]] Bytes repeat_hash(std::string_view instance_id, std::string_view what, ByteView more) const;
  /// Of a file of this very version: the XML is part of both.
  [[nodiscard]] Bytes name_mark(const Prepared& prepared, std::string_view name) const;
  [[nodiscard]] Bytes content_mark(const Prepared& prepared, std::string_view name, ByteView content) const;
  /// Notes that this record holds it, unless it begins its dossier: then the mark belongs into the dossier's row, and is
  /// given.
  Result<std::optional<DossierRow::First>> note(Batch& batch, const Prepared& prepared, const Ref& ref) const;
  /// The first record of this instanceID, and its dossier.
  Result<std::optional<std::pair<Ref, DossierId>>> first_of(const ReadTxn& txn, std::string_view instance_id) const;
  /// Where the record of this instanceID and XML stands. Errors: not_found.
  Result<Ref> place_of(const ReadTxn& txn, const Prepared& prepared) const;

 private:
  /// The value of the name's mark; earlier programs left the XML out, which says something of the first one under an
  /// instanceID only.
  Result<std::optional<DossierRow::First>> in_row(const ReadTxn& txn, std::string_view instance_id) const;
  /// Where the record of this instanceID and XML stands.
  Result<std::optional<Ref>> same_as(const ReadTxn& txn, std::string_view instance_id, ByteView xml) const;
  Result<std::optional<Bytes>> noted(const ReadTxn& txn, const Prepared& prepared, std::string_view name) const;

  Core& core_;
  RunKeys& run_keys_;
  Library& library_;
  Dossiers& dossiers_;
  DossierHomes& homes_;
};

}  // namespace khuoi::sync
