#pragma once

#include <optional>
#include <vector>

#include "sync/merge/dossier.h"

namespace khuoi::sync {

/// What a dossier's row keeps of its fold.
struct FoldedRow {
  struct Seen {
    Ref ref;
    Kind kind = Kind::submission;
  };
  std::vector<Ref> heads;
  std::vector<Seen> seen;  ///< DossierView::seen_now
  std::optional<State> state;
  bool withdrawal_asked = false;
};

/// A record that comes to those that were folded, and how it stands to them.
struct Newcomer {
  Ref ref;
  Kind kind = Kind::submission;
  std::vector<Ref> seen;
  State state = State::fresh;         ///< state
  bool is_new_instance = false;       ///< edit: no version here goes by its instanceID
  bool edits_what_is_here = false;    ///< edit: a version here goes by its deprecatedID, or it names none
  bool is_last_of_its_run = false;    ///< state: no state change here stands later in its run
};

/// The fold of what was folded and this one, from the row alone: for one whose writer saw what the row says that a writer
/// sees now, no more and no less. False, and nothing done, when only all records tell. Of a row without a conflict, not
/// erased, and without open ends (DossierView::open_ends); FOLD.md says why it is the same.
bool fold_on(FoldedRow& row, const Newcomer& newcomer);

}  // namespace khuoi::sync
