#pragma once

#include <cstdint>
#include <mutex>

#include "node/engine/engine.h"

namespace khuoi::node {

/// Reads the rows of dossiers, some at a time and from the beginning again, so that a damaged one is found and marked
/// also on a box where nobody lists dossiers. Any thread.
class DamageWalk final {
 public:
  /// Borrows the engine for its life.
  explicit DamageWalk(Engine& engine) : engine_(engine) {}
  /// The next rows. Whatever fails is tried again by the next step.
  void step();

 private:
  Engine& engine_;
  std::mutex mutex_;
  std::uint32_t next_ = 0;
};

}  // namespace khuoi::node
