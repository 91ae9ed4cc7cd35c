#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace khuoi::sync {

/// Who saw whom, among records numbered from 0. Honest records form no loops, but refs come from outside and one
/// version may stand for several records, so loops are taken as one component whose members did not see each other.
class CausalGraph final {
 public:
  using Node = std::uint32_t;

  /// seen[n] are the nodes that n saw directly; n itself and repeats are allowed.
  explicit CausalGraph(std::vector<std::vector<Node>> seen);

  [[nodiscard]] std::size_t size() const { return seen_.size(); }
  [[nodiscard]] const std::vector<Node>& seen_by(Node node) const { return seen_[node]; }
  /// Whether they stand in different components, so that seeing means coming later.
  [[nodiscard]] bool are_apart(Node a, Node b) const { return component_[a] != component_[b]; }

  /// Per node: the most counted nodes on any path down from it, itself included (of a loop, one).
  [[nodiscard]] std::vector<std::uint32_t> chain_lengths(const std::vector<bool>& counted) const;
  /// Per node: whether any of `from`, in another component, saw it directly or through others.
  [[nodiscard]] std::vector<bool> seen_later_by(const std::vector<bool>& from) const;
  /// Per node: bit i tells that from[i] saw it, directly or through others. At most 64 sources.
  [[nodiscard]] std::vector<std::uint64_t> seen_masks(std::span<const Node> from) const;

 private:
  void find_components();

  std::vector<std::vector<Node>> seen_;
  std::vector<std::uint32_t> component_;  ///< numbered so that what is seen never has a greater number
  std::vector<std::vector<Node>> in_component_;
};

}  // namespace khuoi::sync
