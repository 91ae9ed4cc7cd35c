#pragma once

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <span>

#include "node/engine/engine.h"
#include "node/people/sessions.h"

namespace khuoi::http {

/// One dossier as lists show it.
struct Summary {
  sync::DossierKey key;
  DossierId id;
  std::uint32_t number = 0;
  std::string form, version, title, label;
  std::string state;
  bool pending = false;
  bool conflict = false;
  bool erased = false;
  std::uint32_t files_have = 0, files_of = 0;
  std::string code;
  std::string due;             ///< yyyy-mm-dd, what the commune set
  std::int64_t at = 0;         ///< when it was first written
  std::uint32_t answers = 0;   ///< state changes by the commune
  bool unseen = false;         ///< of these, one that nobody looked at yet
  std::string follow_up;       ///< health forms: yyyy-mm-dd of the next visit (node ngay_hen)
  std::string follow_up_what;  ///< and what for (node viec_hen)
  std::string searched;        ///< its first words, as search_text makes them
  std::string found_always;    ///< of these number, form, code and label; empty once it is on a shelf
  std::size_t octets_read = 0; ///< of XML, to make this
  bool unreadable = false;     ///< some record of it cannot be read here
};

/// What lists and searches read: summaries of every dossier whose domain is open, in memory only, one shelf a domain,
/// each filled with that domain's key alone. Follows the store commit by commit. Threads: any.
class Shelf final {
 public:
  Shelf(node::Engine& engine, Sessions& sessions) : engine_(engine), sessions_(sessions) {}

  /// Reads what changed since the last time; cheap when nothing did. Tells which domains' shelves are other than when
  /// this was last asked.
  Result<Domains> refresh();
  /// Something was committed, or keys changed. Any thread, at any time.
  void note_change() { ++changes_; }
  /// Refreshes unless nothing changed since: whoever just wrote something finds it in the next list.
  Result<void> follow();
  /// Reading ends soon, with Errc::closed. Any thread, at any time.
  void stop() { stopping_ = true; }
  /// Calls visit for each summary of these domains, in order of numbers. Quick: the shelf waits meanwhile.
  void each(const Domains& domains, const std::function<void(const Summary&, sync::Domain)>& visit);

 private:
  struct Kept {
    Bytes look;  ///< of the row it was made from: changes when something was written
    Summary summary;
    std::uint64_t round = 0;  ///< of the last refresh that saw it: what is not seen any more joined another dossier
  };
  Result<void> read_all();
  using Rows = std::map<sync::DossierKey, Kept>;
  Result<bool> refresh(sync::Domain domain, const sync::LockKey* key);
  /// Reads the first of `some`, as many as one turn at the engine should take; gives how many.
  Result<std::size_t> fill(sync::Domain domain, const std::vector<sync::LockKey>& keys,
                           std::span<const sync::DossierKey> some);
  void put(sync::Domain domain, const sync::DossierKey& key, Kept kept);

  node::Engine& engine_;
  Sessions& sessions_;
  Domains untold_;  ///< with refresh_mutex_
  std::atomic<std::uint64_t> changes_ = 1;
  std::atomic<std::uint64_t> followed_ = 0;  ///< changes_ before the last refresh began
  std::mutex refresh_mutex_;                 ///< one refresh at a time
  std::uint64_t round_ = 0;                  ///< with refresh_mutex_
  std::mutex mutex_;                         ///< the rows
  std::array<Rows, 2> rows_;
  std::array<std::size_t, 2> searched_octets_{};  ///< with mutex_: of all that each domain's rows hold
  std::atomic<bool> stopping_ = false;
};

/// How many of the commune's answers to a dossier somebody has looked at.
Result<std::uint64_t> answers_seen(const sync::ReadTxn& txn, const sync::DossierKey& key);
Result<void> put_answers_seen(sync::Batch& batch, const sync::DossierKey& key, std::uint64_t count);
std::uint32_t answers_in(const sync::DossierRow& row);

/// All that a list shows of one dossier. Its domain is open. Errors: what reading says.
Result<Summary> summarise(sync::Replica& replica, const sync::ReadTxn& txn, const sync::DossierKey& key,
                          const sync::DossierRow& row);

}  // namespace khuoi::http
