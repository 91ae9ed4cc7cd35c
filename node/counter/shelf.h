#pragma once

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include "node/acts/summary.h"
#include "node/acts/suspects.h"
#include "node/counter/shelf_board.h"
#include "node/engine/engine.h"
#include "node/people/sessions.h"

namespace khuoi::http {

using node::Capabilities;

/// What lists and searches read: summaries of every dossier whose domain is open, in memory only, one board a domain, each
/// filled with that domain's key alone. Follows the store: a commit costs what it changed. Threads: any.
class Shelf final {
 public:
  Shelf(node::Engine& engine, people::Sessions& sessions, std::size_t searched_octets_max = ShelfBoard::searched_octets_max)
      : engine_(engine), sessions_(sessions), searched_octets_max_(searched_octets_max) {}

  /// Reads what changed since the last time; cheap when nothing did. Tells which domains' boards are other than when
  /// this was last asked.
  Result<Capabilities> refresh();
  /// Something was committed, or keys changed. Any thread, at any time.
  void note_change() { ++changes_; }
  /// Refreshes unless nothing changed since: whoever just wrote something finds it in the next list.
  Result<void> follow();
  /// Reading ends soon, with Errc::closed. Any thread, at any time.
  void stop() { stopping_ = true; }
  /// Which of the dossiers that match, the newest first: the one at `from` and so many more.
  struct Part {
    std::size_t from = 0;
    std::size_t limit = 0;
  };
  using Visit = std::function<void(const Summary&, sync::Domain)>;
  /// Calls visit for each of a part of these domains' summaries; gives how many match in all. Without `matches` all do, and
  /// no others are looked at than those before the end of the part. Quick: the shelf waits meanwhile.
  std::size_t newest(Capabilities may, const Part& part, const std::function<bool(const Summary&)>& matches,
                     const Visit& visit);
  /// Those with these numbers, in that order. As `newest`.
  void by_numbers(Capabilities may, const std::vector<std::uint32_t>& numbers, const Visit& visit);
  /// The health dossiers with a next visit, the earliest visits first. As `newest`.
  void next_visits(std::size_t count, const Visit& visit);
  /// By the ids of dossiers, those of them that stand here. As `newest`.
  void find(Capabilities may, const std::set<DossierId>& ids, const Visit& visit);
  /// The dossiers of other hamlets of one domain that name somebody whom this one names, the likeliest first. As `newest`.
  using VisitSuspect = std::function<void(const Summary&, node::SuspectWhy)>;
  void suspects(sync::Domain domain, std::uint32_t number, const VisitSuspect& visit);
  /// How many those are of each of these.
  std::vector<std::size_t> count_suspects(const std::vector<std::pair<sync::Domain, std::uint32_t>>& of);
  /// Of these domains. `today`: yyyy-mm-dd.
  ShelfBoard::Counts counts(Capabilities may, const std::string& today);

 private:
  struct OfDomain {
    ShelfBoard board;        ///< changed with mutex_
    node::SuspectIndex suspects;  ///< with mutex_; stays empty at a hamlet
    std::uint64_t seen = 0;  ///< of the change log; 0: nothing was read yet
    /// What the commune said to hold when it was last looked at, of each run on which a row of the board rests.
    std::map<sync::RunKey, sync::PeerRun> holds;
  };
  struct Said {
    bool less = false;   ///< of some run it holds less than it said before
    bool other = false;
  };
  Result<void> read_all();
  Result<Said> what_was_said(OfDomain& here, const std::set<sync::Changes::Run>& runs);
  // These give whether a summary is another than before.
  Result<bool> refresh(sync::Domain domain, const people::Keys& keys);
  Result<bool> read_whole(sync::Domain domain, const people::Keys& keys);
  Result<bool> read_some(sync::Domain domain, const people::Keys& keys, std::set<std::uint32_t> numbers);
  Result<bool> put(sync::Domain domain, Result<Summary> summary);
  bool drop(sync::Domain domain, std::uint32_t number);
  void keep(const people::Keys& keys, const std::vector<node::Summaries::Made>& made);
  OfDomain& at(sync::Domain domain) { return domains_.at(static_cast<std::size_t>(domain)); }

  node::Engine& engine_;
  people::Sessions& sessions_;
  std::size_t searched_octets_max_;  ///< of a domain
  Capabilities untold_;  ///< with refresh_mutex_
  std::atomic<std::uint64_t> changes_ = 1;
  std::atomic<std::uint64_t> followed_ = 0;  ///< changes_ before the last refresh began
  std::mutex refresh_mutex_;                 ///< one refresh at a time
  std::mutex mutex_;                         ///< the boards
  std::array<OfDomain, 2> domains_;          ///< with refresh_mutex_
  std::atomic<bool> stopping_ = false;
};

}  // namespace khuoi::http
