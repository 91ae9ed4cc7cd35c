#pragma once

#include <deque>
#include <mutex>
#include <set>

#include "sync/store/touched_txn.h"

namespace khuoi::node {

/// What the latest commits changed, for whoever follows them row by row. Threads: any.
class ChangeLog final {
 public:
  struct Since {
    std::uint64_t now = 0;  ///< what to ask from the next time
    sync::TouchedTxn::Tables tables;
    std::set<std::uint32_t> dossiers;  ///< numbers
    std::set<sync::Changes::Run> said;  ///< runs of which a peer said what it holds
    bool all = false;                  ///< more than is remembered: anything may have changed
  };
  /// After a commit, before anybody is told of it.
  void add(const sync::Changes& changes);
  /// Every commit that was over when this `now` was given out is left out, and only these. 0: from the beginning.
  [[nodiscard]] Since since(std::uint64_t seen) const;

 private:
  static constexpr std::size_t commits_max = 256;
  static constexpr std::size_t numbers_max = 16'384;

  mutable std::mutex mutex_;
  std::deque<sync::Changes> latest_;
  std::size_t numbers_ = 0;     ///< of dossiers and runs in all of `latest_`
  std::uint64_t now_ = 1;       ///< of the last one in `latest_`
};

}  // namespace khuoi::node
