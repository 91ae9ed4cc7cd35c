#pragma once

#include <optional>
#include <set>
#include <vector>

#include "sync/dossiers/dossier_row.h"

namespace khuoi::sync {

/// The other id of a dossier: of what goes by the same instanceID in the other domain. Its own counterpart is the
/// former.
DossierId counterpart(DossierId id);

/// A record of a row, and what it says of where it belongs.
struct PlacedRecord {
  DossierRow::Item item;
  std::optional<DossierId> named;  ///< none: it cannot be read
  std::optional<DossierId> own;    ///< of a version: the dossier's that its instanceID would begin
  std::optional<Ref> version;      ///< of a manifest: the version that brought the file
  std::set<DossierId> names;       ///< of a version: the ids that its instanceID is found by
  bool later = false;              ///< who erased wrote it afterwards
};

struct DossierPart {
  DossierId id;
  std::vector<DossierRow::Item> items;
  std::set<DossierId> names;
};

/// What of one row belongs to which dossier, once an erasure has cut edits that held it together.
struct DossierParts {
  std::vector<DossierPart> moved;         ///< the erased one first, unless it is what stays
  std::vector<DossierRow::Item> staying;  ///< also what cannot be read
  std::vector<Ref> apart;                 ///< edits that led out of the erased one
};

/// An edit says of its own instanceID's dossier that it is part of the one that it names. Cut are the edits of which
/// who erased cannot have known: those that lead out of the erased dossier, and those that he wrote later and that lead
/// into it. What only a cut edit led elsewhere is a dossier of its own. `home` is the row's id.
DossierParts split_by_erasure(const std::vector<PlacedRecord>& records, const DossierId& home, const DossierId& erased);

}  // namespace khuoi::sync
