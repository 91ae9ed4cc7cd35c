#pragma once

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <span>

#include "node/acts/summary.h"
#include "node/engine/engine.h"
#include "node/people/sessions.h"

namespace khuoi::http {

using node::Capabilities, node::Summary;

/// What lists and searches read: summaries of every dossier whose domain is open, in memory only, one shelf a domain,
/// each filled with that domain's key alone. Follows the store commit by commit. Threads: any.
class Shelf final {
 public:
  Shelf(node::Engine& engine, people::Sessions& sessions) : engine_(engine), sessions_(sessions) {}

  /// Reads what changed since the last time; cheap when nothing did. Tells which domains' shelves are other than when
  /// this was last asked.
  Result<Capabilities> refresh();
  /// Something was committed, or keys changed. Any thread, at any time.
  void note_change() { ++changes_; }
  /// Refreshes unless nothing changed since: whoever just wrote something finds it in the next list.
  Result<void> follow();
  /// Reading ends soon, with Errc::closed. Any thread, at any time.
  void stop() { stopping_ = true; }
  /// Calls visit for each summary of these domains, in order of numbers. Quick: the shelf waits meanwhile.
  void each(Capabilities may, const std::function<void(const Summary&, sync::Domain)>& visit);

 private:
  struct Kept {
    Bytes look;  ///< of the row it was made from: changes when something was written
    Summary summary;
    std::uint64_t round = 0;  ///< of the last refresh that saw it: what is not seen any more joined another dossier
  };
  Result<void> read_all();
  using Rows = std::map<sync::DossierKey, Kept>;
  Result<bool> refresh(sync::Domain domain, const people::Keys& keys);
  /// Reads the first of `some`, as many as one turn at the engine should take; gives how many.
  Result<std::size_t> fill(sync::Domain domain, const people::Keys& keys, std::span<const sync::DossierKey> some);
  void put(sync::Domain domain, const sync::DossierKey& key, Kept kept);

  node::Engine& engine_;
  people::Sessions& sessions_;
  Capabilities untold_;  ///< with refresh_mutex_
  std::atomic<std::uint64_t> changes_ = 1;
  std::atomic<std::uint64_t> followed_ = 0;  ///< changes_ before the last refresh began
  std::mutex refresh_mutex_;                 ///< one refresh at a time
  std::uint64_t round_ = 0;                  ///< with refresh_mutex_
  std::mutex mutex_;                         ///< the rows
  std::array<Rows, 2> rows_;
  std::array<std::size_t, 2> searched_octets_{};  ///< with mutex_: of all that each domain's rows hold
  std::atomic<bool> stopping_ = false;
};

}  // namespace khuoi::http
