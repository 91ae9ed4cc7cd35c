#include "sync/bulletin/lane_order.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>
#include <tuple>

namespace khuoi::sync {

Result<LaneOrder> LaneOrder::of_commune(Core& core, const ReadTxn& txn, const std::vector<ItemEntry>& arrived,
                                        std::set<RunId> runs) {
  LaneOrder out;
  const NodeId author = core.self.commune_node;
  for (const ItemEntry& item : arrived) {
    if (item.ref.author == author) runs.insert(item.ref.run);
  }
  KHUOI_TRY_VOID(out.read_between(core, txn, runs));
  out.note_arrivals(author, arrived);
  out.number_them();
  return out;
}

/// From each of them back to where all have come together, the one of the latest start first.
Result<void> LaneOrder::read_between(Core& core, const ReadTxn& txn, const std::set<RunId>& runs) {
  std::set<std::pair<std::uint32_t, RunId>> open;  // by ordinal: whose predecessor is to be read
  const auto read = [&](const RunId& run) -> Result<void> {
    if (links_.contains(run)) return {};
    KHUOI_TRY(const RunRow* row, core.runs.find(txn, {core.self.commune_node, run}));
    if (row == nullptr || !row->is_public) return {};
    links_[run] = {.previous = row->opener.previous, .previous_last = row->opener.previous_last, .next = {}};
    open.emplace(row->opener.ordinal, run);
    return {};
  };
  for (const RunId& run : runs) KHUOI_TRY_VOID(read(run));
  bool is_broken = false;  // where it ends for one, the others may still come to a run before that
  while (open.size() > (is_broken ? 0U : 1U)) {
    const RunId before = links_.at(std::prev(open.end())->second).previous;
    open.erase(std::prev(open.end()));
    KHUOI_TRY_VOID(read(before));
    is_broken = is_broken || !links_.contains(before);
  }
  return {};
}

/// Of each run and of all that lead to it, so that branches can be compared.
void LaneOrder::note_arrivals(const NodeId& author, const std::vector<ItemEntry>& arrived) {
  for (const ItemEntry& item : arrived) {
    if (item.ref.author != author) continue;
    auto at = links_.find(item.ref.run);
    // Items come in the order they arrived, so a run that has a number has a smaller one, and so have those before it.
    while (at != links_.end() && at->second.arrived == 0) {
      at->second.arrived = item.order;
      at = links_.find(at->second.previous);
    }
  }
}

void LaneOrder::number_them() {
  std::vector<RunId> roots;
  for (auto& [run, link] : links_) {
    const auto before = links_.find(link.previous);
    (before != links_.end() && link.previous != run ? before->second.next : roots).push_back(run);
  }
  const auto arrived = [this](const RunId& run) {
    const std::uint64_t at = links_.at(run).arrived;
    return at == 0 ? std::numeric_limits<std::uint64_t>::max() : at;
  };
  const auto later_first = [&](const RunId& a, const RunId& b) {
    const auto rank = [&](const RunId& run) {
      return std::tuple(-std::int64_t{links_.at(run).previous_last}, arrived(run), run);
    };
    return rank(a) > rank(b);
  };
  std::ranges::sort(roots, [&](const RunId& a, const RunId& b) { return std::tuple(arrived(a), a) > std::tuple(arrived(b), b); });
  // Only a faulty author makes a loop: whatever no root leads to comes last.
  std::vector<RunId> stack;
  for (const auto& [run, link] : links_) stack.push_back(run);
  stack.insert(stack.end(), roots.begin(), roots.end());
  std::set<RunId> done;
  std::size_t place = 0;
  while (!stack.empty()) {
    const RunId run = stack.back();
    stack.pop_back();
    if (!done.insert(run).second) continue;
    Link& link = links_.at(run);
    link.place = ++place;
    std::ranges::sort(link.next, later_first);
    stack.insert(stack.end(), link.next.begin(), link.next.end());
  }
}

bool LaneOrder::before(const Ref& a, const Ref& b) const {
  const auto place = [this](const Ref& ref) {
    const auto found = links_.find(ref.run);
    return std::tuple(found == links_.end() ? std::size_t{0} : found->second.place, ref.number);
  };
  return place(a) < place(b);
}

}  // namespace khuoi::sync
