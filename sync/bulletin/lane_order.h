#pragma once

#include <map>
#include <set>

#include "sync/bulletin/items.h"

namespace khuoi::sync {

/// In which order an author wrote: along the chain of its runs, each of which names the run before it and that one's last
/// number, then by number. Clocks and ordinals take no part, since a clock may have said 2099 for an afternoon.
/// Memory: some 60 octets a run that was read.
class LaneOrder final {
 public:
  /// Of these runs of the commune's public lane, and of those of `arrived`: reads the runs between them; the whole lane
  /// only where they are of branches that nothing here leads together, or ordinals fall along it. Where a predecessor is
  /// not here, or a restored commune began a second branch, what came later to this node (by `arrived`) counts as written
  /// later; of two branches first the one that left the run later, for the other began from an older backup.
  static Result<LaneOrder> of_commune(Core& core, const ReadTxn& txn, const std::vector<ItemEntry>& arrived,
                                      std::set<RunId> runs = {});
  [[nodiscard]] bool before(const Ref& a, const Ref& b) const;
  /// How many runs were read.
  [[nodiscard]] std::size_t size() const { return links_.size(); }

 private:
  struct Link {
    RunId previous;
    std::uint32_t previous_last = 0;
    std::uint64_t arrived = 0;  ///< the least order of an item in the run or after it; zero: none
    std::size_t place = 0;
    std::vector<RunId> next;
  };
  Result<void> read_between(Core& core, const ReadTxn& txn, const std::set<RunId>& runs);
  void note_arrivals(const NodeId& author, const std::vector<ItemEntry>& arrived);
  void number_them();
  std::map<RunId, Link> links_;
};

}  // namespace khuoi::sync
