#pragma once

#include "sync/dossiers/dossier_parts.h"
#include "sync/dossiers/dossiers.h"

namespace khuoi::sync {

/// Under which key a record's dossier stands: edits may come before what they edit, and each domain has dossiers of its
/// own.
class DossierHomes final {
 public:
  DossierHomes(RunKeys& run_keys, Dossiers& dossiers) : run_keys_(run_keys), dossiers_(dossiers) {}

  /// Where a dossier's records stand: itself, or the dossier that it turned out to be a later part of (its id is that of an
  /// edit's instanceID).
  static Result<DossierKey> home_of(const ReadTxn& txn, DossierKey key);
  /// The same for a record of this domain. A dossier is of one domain: what names one of the other, as an edit of a
  /// health form may name a general dossier, stands beside it, so that nobody's dossier goes out of sight.
  Result<DossierKey> home_of(const ReadTxn& txn, const DossierKey& key, Domain domain) const;
  /// The same, and whether no dossier stands there yet.
  struct Home {
    DossierKey key;
    bool is_new = false;
  };
  Result<Home> find_home(const ReadTxn& txn, const DossierKey& key, Domain domain) const;
  /// The dossier, erased, that an edit of this instanceID would join to `key`: such an edit is kept apart instead.
  Result<std::optional<DossierRow>> erased_part(const ReadTxn& txn, const DossierKey& key, const DossierId& edit,
                                                Domain domain) const;
  /// An edit of this instanceID belongs to `key`: what was begun under its id alone, by edits of it that came first, joins.
  Result<void> join(Batch& batch, const DossierKey& key, const DossierId& edit, DossierRow& row);
  /// Where an erasure falls that names this dossier, which by now stands at `home`: on what its writer saw as one, and
  /// on nothing else. What stands in one row with that only because of an edit that came meanwhile gets rows of its own,
  /// and that edit is kept apart, as where it comes after the erasure.
  Result<DossierKey> part_to_erase(Batch& batch, const DossierKey& named, const DossierKey& home, const Ref& erase);

 private:
  /// What was begun under the id of this instance alone, by edits of it that came first.
  Result<std::optional<DossierKey>> part_of(const ReadTxn& txn, const DossierKey& key, const DossierId& edit,
                                            Domain domain) const;
  Result<std::vector<PlacedRecord>> placed_in(const ReadTxn& txn, const DossierKey& home, const DossierRow& row, const Ref& erase);
  /// Gives these records of `home` a row of their own; gives its key.
  Result<DossierKey> move_out(Batch& batch, const DossierKey& home, DossierRow& row, const DossierPart& part);
  /// Puts what stays of a row; where nothing does, its numbers lead to `instead`.
  Result<void> put_rest(Batch& batch, const DossierKey& home, DossierRow& row, const DossierKey& instead);

  RunKeys& run_keys_;
  Dossiers& dossiers_;
};

}  // namespace khuoi::sync
