#pragma once

#include "sync/dossiers/dossier_row.h"

namespace khuoi::sync {

/// Where the rows of dossiers stand. A row's key is its number, which grows with time; an id finds it by table `alias`, the
/// only one of dossiers whose keys are hashes. Either the key's id leads to the row, or, where another hamlet's dossier has
/// that id, the one made of the whole key does.
struct DossierPlaces {
  /// The second id by which a row may be found.
  static DossierId provisional_id(const DossierKey& key);

  struct Found {
    std::uint32_t number = 0;
    Result<StoredDossier> stored;  ///< damaged: the row does not decode
  };
  /// The row of this very key: none of a dossier that became part of another.
  static Result<std::optional<Found>> find(const ReadTxn& txn, const DossierKey& key);
  /// The number itself, or that of the dossier of which it became a part.
  static Result<std::uint32_t> resolved(const ReadTxn& txn, std::uint32_t number);
  /// Of the row that stands at this number, also where it does not decode; its hamlet is then as far as can be told.
  static Result<DossierKey> key_at(const ReadTxn& txn, std::uint32_t number);
  /// Where the id leads, parts resolved. None: nowhere, or its row does not decode.
  static Result<std::optional<std::uint32_t>> led_to(const ReadTxn& txn, const DossierId& id);
  /// All ids that lead to the dossier of this number, parts resolved: it walks the table.
  static Result<std::vector<DossierId>> ids_of(const ReadTxn& txn, std::uint32_t number);

  /// The id leads to that number from now on; a row whose own id it is stays to be found.
  static Result<void> lead(Batch& batch, const DossierId& id, std::uint32_t number);
  static Result<void> forget(Batch& batch, const DossierId& id);
};

}  // namespace khuoi::sync
