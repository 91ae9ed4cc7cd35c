#pragma once

#include <optional>
#include <vector>

#include "sync/log/held_tally.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

/// What this node holds of one author's runs, so that a statement about it costs what changed, not what there is: table
/// `note`, kind held_of, key author 8. Kept by Runs, where rows of runs are written. None: nobody counted yet.
struct HeldOf {
  HeldTally tally;
  /// Every run that changed after this sequence of holdings is listed.
  std::uint64_t listed_after = 0;
  std::vector<std::pair<RunId, std::uint64_t>> changed;  ///< at which sequence; oldest first, each run once
  static constexpr std::size_t listed_max = 32;
  static auto parts(auto& held) { return parts_of(held.tally, held.listed_after, List(held.changed, listed_max)); }

  void note(const RunId& run, std::uint64_t sequence);
};

inline constexpr Rows<NodeId, HeldOf> held_of_rows{Note::held_of, "what is held of an author"};

}  // namespace khuoi::sync
