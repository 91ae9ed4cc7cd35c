#include "sync/merge/causal_graph.h"

#include <algorithm>

#include "sync/base/check.h"

namespace khuoi::sync {

namespace {
constexpr std::uint32_t unvisited = 0xffffffffU;
}

CausalGraph::CausalGraph(std::vector<std::vector<Node>> seen) : seen_(std::move(seen)) { find_components(); }

/// Tarjan's strongly connected components (1972), with a stack of our own: a chain of edits is as deep as it is long.
/// A component is finished after all that it saw, which gives the numbering.
void CausalGraph::find_components() {
  struct Visit {
    Node node;
    std::size_t next = 0;  ///< which of its seen nodes comes next
  };
  component_.assign(size(), unvisited);
  std::vector<std::uint32_t> order(size(), unvisited);
  std::vector<std::uint32_t> lowest(size(), 0);
  std::vector<Node> open;
  std::vector<Visit> visits;
  std::uint32_t visited = 0;
  const auto enter = [&](Node node) {
    order[node] = lowest[node] = visited++;
    open.push_back(node);
    visits.push_back({node});
  };
  const auto close = [&](Node root) {
    auto& members = in_component_.emplace_back();
    do {
      members.push_back(open.back());
      component_[open.back()] = static_cast<std::uint32_t>(in_component_.size() - 1);
      open.pop_back();
    } while (members.back() != root);
  };
  for (Node start = 0; start < size(); ++start) {
    if (order[start] == unvisited) enter(start);
    while (!visits.empty()) {
      Visit& top = visits.back();
      const Node node = top.node;
      if (top.next < seen_[node].size()) {
        const Node seen = seen_[node][top.next++];
        if (order[seen] == unvisited) {
          enter(seen);
        } else if (component_[seen] == unvisited) {
          lowest[node] = std::min(lowest[node], order[seen]);
        }
        continue;
      }
      visits.pop_back();
      if (lowest[node] == order[node]) close(node);
      if (!visits.empty()) lowest[visits.back().node] = std::min(lowest[visits.back().node], lowest[node]);
    }
  }
}

std::vector<std::uint32_t> CausalGraph::chain_lengths(const std::vector<bool>& counted) const {
  std::vector<std::uint32_t> of_component(in_component_.size(), 0);
  for (std::uint32_t component = 0; component < in_component_.size(); ++component) {
    std::uint32_t below = 0;
    bool counts = false;
    for (const Node node : in_component_[component]) {
      counts = counts || counted[node];
      for (const Node seen : seen_[node]) {
        if (component_[seen] != component) below = std::max(below, of_component[component_[seen]]);
      }
    }
    of_component[component] = below + (counts ? 1 : 0);
  }
  std::vector<std::uint32_t> out(size());
  for (Node node = 0; node < size(); ++node) out[node] = of_component[component_[node]];
  return out;
}

std::vector<bool> CausalGraph::seen_later_by(const std::vector<bool>& from) const {
  std::vector<bool> reached(in_component_.size(), false);
  for (auto component = static_cast<std::uint32_t>(in_component_.size()); component-- > 0;) {
    const auto& members = in_component_[component];
    const bool passes_on = reached[component] || std::ranges::any_of(members, [&](Node node) { return from[node]; });
    if (!passes_on) continue;
    for (const Node node : members) {
      for (const Node seen : seen_[node]) {
        if (component_[seen] != component) reached[component_[seen]] = true;
      }
    }
  }
  std::vector<bool> out(size());
  for (Node node = 0; node < size(); ++node) out[node] = reached[component_[node]];
  return out;
}

std::vector<std::uint64_t> CausalGraph::seen_masks(std::span<const Node> from) const {
  KHUOI_CHECK(from.size() <= 64);
  std::vector<std::uint64_t> of_component(in_component_.size(), 0);
  for (std::size_t i = 0; i < from.size(); ++i) of_component[component_[from[i]]] |= std::uint64_t{1} << i;
  for (auto component = static_cast<std::uint32_t>(in_component_.size()); component-- > 0;) {
    if (of_component[component] == 0) continue;
    for (const Node node : in_component_[component]) {
      for (const Node seen : seen_[node]) of_component[component_[seen]] |= of_component[component];
    }
  }
  std::vector<std::uint64_t> out(size());
  for (Node node = 0; node < size(); ++node) out[node] = of_component[component_[node]];
  return out;
}

}  // namespace khuoi::sync
