#pragma once

#include <set>

#include "node/engine/engine.h"

namespace khuoi::node {

/// At a commune: makes what lists show of dossiers for which none is kept (node/acts/summary.h), so that no list need decode
/// their records. In small turns, each one look and one quiet commit. Threads: one owner at a time.
class SummaryKeeper final {
 public:
  enum class From : std::uint8_t { beginning, now };
  /// Of dossiers that change from now on, or of all that are there, too.
  SummaryKeeper(Engine& engine, From from);
  /// Makes and keeps some; true while there is more to do. Errors: the engine's.
  Result<bool> keep_some();
  /// Until nothing is left, or `stop` says true.
  Result<void> keep_all(const std::function<bool()>& stop);

 private:
  Engine& engine_;
  std::uint64_t seen_ = 0;           ///< of the change log
  std::set<std::uint32_t> numbers_;  ///< of dossiers to look at
  bool walks_ = false;               ///< all from `next_` on are to be looked at
  std::uint32_t next_ = 0;
};

}  // namespace khuoi::node
