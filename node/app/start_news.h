#pragma once

#include <mutex>

#include "node/engine/engine.h"

namespace khuoi::node {

/// Tells the log of lost pasts, copied disks and lies about starts, each once, as they are met. Any thread.
class StartNews final {
 public:
  /// What was met before it is not told again. Borrows the engine for its life.
  explicit StartNews(Engine& engine);
  void look();

 private:
  Engine& engine_;
  std::mutex mutex_;
  sync::Starts::Figures told_;
};

}  // namespace khuoi::node
