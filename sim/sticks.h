#pragma once

#include <map>

#include "sim/world.h"
#include "sync/contact/courier.h"

namespace khuoi::sim {

/// USB sticks and the people who carry them: names and octets, carried in odd orders, lost, copied, damaged, cut.
class Sticks final {
 public:
  explicit Sticks(World& world);

  /// Somebody carries a stick to some node and plugs it in; something may happen to it on the way.
  void act();
  /// A whole sync without a fault.
  sync::Counts visit(Node& node, std::size_t stick);
  [[nodiscard]] std::size_t count() const { return sticks_.size(); }

 private:
  using Bundles = std::map<std::string, Bytes>;
  void on_the_way(std::size_t stick);
  void damage(Bundles& bundles);
  void forge(Bundles& bundles);
  /// Empty when a fault ended it; the stick is then as it was, or has lost what may go.
  std::optional<sync::Counts> plug_in(Node& node, Bundles& bundles);
  bool take_all(Node& node, sync::Courier& courier, Bundles& bundles, std::vector<sync::BundleContent>& mine);
  void check_written(Node& node, const sync::BundleContent& written);
  bool write(Node& node, sync::Courier& courier, Bundles& bundles, const std::vector<sync::BundleContent>& mine);

  World& world_;
  std::vector<Bundles> sticks_;
  std::vector<Bundles> attic_;  ///< how sticks looked once
};

}  // namespace khuoi::sim
