#pragma once

#include <string>
#include <vector>

#include "sync/bulletin/items.h"
#include "sync/dossiers/dossiers.h"
#include "sync/peers/peers.h"

namespace khuoi::sync {

/// Counts and look-ups that are kept in the commits that change them, so that no question walks what is stored: Totals,
/// Unreceipted, ToGo, Untold, Items, DossierMarks. Where an earlier program wrote the store they are made anew, in the
/// first commit.
class Recount final {
 public:
  /// After Runs::flush(), where none of it holds yet.
  static Result<void> all(Batch& batch, Core& core, const Peers& peers, const Items& items, const Dossiers& dossiers);
  /// At the end of a commit where it holds.
  static Result<void> keep(Batch& batch, Core& core, Dossiers& dossiers);
  /// A sentence for each that is not what a walk gives. None where nothing is kept yet.
  static Result<std::vector<std::string>> wrong(const ReadTxn& txn, Core& core, const Peers& peers, const Items& items,
                                                const Dossiers& dossiers);
};

}  // namespace khuoi::sync
