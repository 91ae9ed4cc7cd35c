#pragma once

#include "sync/dossiers/dossier_homes.h"
#include "sync/log/opened_record.h"
#include "sync/merge/fold_on.h"

namespace khuoi::sync {

/// Takes opened records into the rows of dossiers.
class DossierIndex final {
 public:
  DossierIndex(Core& core, Dossiers& dossiers, DossierHomes& homes) : core_(core), dossiers_(dossiers), homes_(homes) {}

  /// Takes an opened record of a dossier into account. Errors: not_found when its model is unknown here (the caller
  /// keeps the record for later); too_large when another node's submission unpacks to more than
  /// submission_xml_octets_max; what the store says.
  /// `decoded`: of a version, what it says, where somebody has it at hand.
  Result<void> index(Batch& batch, const Ref& ref, const Plain& plain, const DecodedVersion* decoded = nullptr);
  /// A submission or an edit whose XML is at hand.
  struct Version {
    Ref ref;
    Kind kind = Kind::submission;
    Domain domain = Domain::general;
    std::vector<Ref> seen;
    std::string instance_id;
    std::string deprecated_id;
    std::optional<DossierRow::First> first;  ///< to be noted in its row
    ByteView words{};                        ///< as DecodedVersion::words
    bool is_new = false;                     ///< it is known that no dossier has this key
  };
  Result<void> index_version(Batch& batch, const DossierKey& key, const Version& version);

 private:
  Result<void> add(Batch& batch, const DossierKey& key, DossierRow row, Newcomer newcomer, ByteView words = {});
  /// Whether the row could be folded on from what it says alone, whatever is locked.
  Result<bool> folds_on(const ReadTxn& txn, DossierRow& row, const Newcomer& newcomer) const;
  Result<void> index_decoded(Batch& batch, const Ref& ref, const Plain& plain, const InstanceFacts& facts, ByteView words);
  Result<InstanceFacts> facts_to_take_in(const ReadTxn& txn, const Ref& ref, const Plain& plain);
  /// Keeps a version of an erased dossier for a person, unless it was written before the erasure.
  Result<bool> keep_apart(Batch& batch, DossierRow& row, const Ref& ref, Kind kind);
  /// An erasure came after edits that its author wrote later: these are kept apart, and their files with them.
  Result<void> spare_later(Batch& batch, DossierRow& row, const Ref& erase);

  Core& core_;
  Dossiers& dossiers_;
  DossierHomes& homes_;
};

}  // namespace khuoi::sync
