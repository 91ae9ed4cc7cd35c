#pragma once

#include "sim/judge.h"

namespace khuoi::sim {

/// What happens to whole nodes: disks set back or copied, clocks, thefts.
class Faults final {
 public:
  Faults(World& world, People& people, Judge& judge) : world_(world), people_(people), judge_(judge) {}

  /// True when something happened that takes a step of its own.
  bool act();

 private:
  void restore(Node& node);
  Node* some_box();

  World& world_;
  People& people_;
  Judge& judge_;
};

}  // namespace khuoi::sim
