#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "node/engine/change_log.h"
#include "node/engine/machine.h"
#include "node/engine/readers.h"
#include "node/engine/turns.h"
#include "storage/lmdb_store.h"
#include "storage/writer_lock.h"
#include "sync/store/upgrade.h"

namespace khuoi::node {

/// One open data folder: the writer lock, the store and the replica over it. Whoever runs commands has one: `khuoi
/// serve` for all its life, or a single command while no service runs. Threads: every member may be called from any
/// thread. The replica is touched only inside work, hold and jobs, one of them at a time and in the order they asked.
/// Whoever only looks has a reader and a picture of the store of their own: they wait neither for each other nor for who
/// writes, and see what was committed before they began. What a look shares with others needs a lock of its own; one
/// that lasts keeps pages of the store from being used again. Never call work or look from inside one of them.
class Engine final {
 public:
  /// DIR holds a node, or `not_found`. Errors: busy (another writer), not_found, damaged, unsupported, read_only, io.
  /// On a full disk it opens all the same: what is here can be read and carried away.
  static Result<std::unique_ptr<Engine>> open(const std::filesystem::path& dir);
  /// On a disk that cannot be written: changes nothing there, and work() fails with read_only. Errors: as above.
  static Result<std::unique_ptr<Engine>> open_to_read(const std::filesystem::path& dir);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  using WorkFn = std::function<Result<void>(sync::Replica& replica, sync::Batch& batch)>;
  using LookFn = Readers::LookFn;

  /// One commit: runs `fn` with a fresh batch and commits, synced, when it succeeds; otherwise nothing of it stays.
  /// Waits for its turn. What fn says to the world (an id, a message) leaves only after this returned success.
  Result<void> work(const WorkFn& fn);
  /// One consistent picture, without writing, of what is open for everybody.
  Result<void> look(const LookFn& fn);
  /// As work, with exactly these keys, once what waited for them is opened, in turns and commits of its own where there
  /// is much of it; with what is open for everybody when there are none. Nobody else sees the node more open or less
  /// meanwhile. `quiet`: nothing that anybody waits for; only those listeners are called that hear all.
  Result<void> work_as(const HeldKeys& keys, const WorkFn& fn, bool quiet = false);
  /// One consistent picture with exactly these keys open, even none: what somebody else may read stays shut.
  /// A damaged row of a dossier that it meets is marked so, in a commit of its own afterwards.
  Result<void> look_as(const HeldKeys& keys, const LookFn& fn);
  /// The same, for this once: nothing that they open is kept.
  Result<void> work_as(const std::vector<sync::LockKey>& keys, const WorkFn& fn, bool quiet = false) {
    return work_as(HeldKeys(copy_of(keys)), fn, quiet);
  }
  Result<void> look_as(const std::vector<sync::LockKey>& keys, const LookFn& fn) {
    return look_as(HeldKeys(copy_of(keys)), fn);
  }
  /// Of who may not be logged in: without keys nothing is open.
  Result<void> look_as(const std::shared_ptr<const HeldKeys>& keys, const LookFn& fn) {
    return look_as(keys ? *keys : nobody_, fn);
  }
  /// A question with these keys, or with what is open anyhow when there are none. What came while they were shut is opened
  /// and indexed before, in a commit of its own, if anything waits and the disk takes it; nothing else is written.
  Result<void> ask(const HeldKeys& keys, const LookFn& fn);
  Result<void> ask(const std::vector<sync::LockKey>& keys, const LookFn& fn) { return ask(HeldKeys(copy_of(keys)), fn); }
  /// Opens these for everybody until lock(): the head's or the clerk's session at this machine. What came meanwhile is opened
  /// in several turns, between which others write; on a disk that takes no commit it stays shut. Errors: locked, when
  /// lock() was called between two of them; what the keys and the store say.
  Result<void> unlock(std::vector<sync::LockKey> keys);
  /// When it returns, nothing is open but to who brings keys, and no look that began before is under way.
  Result<void> lock();
  /// How often lock() was called: whoever keeps keys of people forgets them then. Any thread, at any time.
  [[nodiscard]] std::uint64_t locks() const { return locks_; }

  /// One long turn for who makes its commits itself (a courier at a stick): `begin` gives each a fresh batch.
  using Begin = std::function<Result<sync::Replica::Work>()>;
  using HoldFn = std::function<Result<void>(sync::Replica& replica, const Begin& begin)>;
  Result<void> hold(const HoldFn& fn);
  /// Only from inside hold, where the replica may change meanwhile: lets those who wait go first.
  void pass_turn() { turns_.pass(); }
  /// Likewise, for something slow that touches no replica: everybody else goes on while it lasts.
  void step_aside(const std::function<void()>& meanwhile) { turns_.step_aside(meanwhile); }

  /// Work for who may not wait (an io_context): queued, done by the engine's own thread.
  struct Job {
    WorkFn run;
    /// Called on the engine's thread after the commit, with what came of it: hand over to your own executor and return.
    /// Also called, with Errc::closed, for jobs still queued when the engine stops.
    std::function<void(Result<void>)> done;
    /// `run` may be called again after a batch that was dropped: then it may share a commit with others. A session's
    /// message may not, since the session has moved on.
    bool repeatable = false;
    std::size_t octets = 0;  ///< a hint: what it writes, roughly
    bool quiet = false;      ///< a link's own work: only those listeners are called that hear all
  };
  void post(Job job);

  /// `listener` is called after each commit that was not quiet, or after every one, on the thread that made it: hand
  /// over to your own executor and return. Never after forget(), which waits for a call that is under way.
  using Listener = std::uint64_t;
  enum class Hears : std::uint8_t { loud, all };
  Listener on_commit(std::function<void()> listener, Hears hears = Hears::loud);
  void forget(Listener listener);

  [[nodiscard]] Now now() const { return system_now(); }
  [[nodiscard]] Rng& rng() { return rng_; }
  [[nodiscard]] const std::filesystem::path& dir() const { return dir_; }
  [[nodiscard]] const storage::LmdbStore& store() const { return *store_; }
  /// How long the replica has been open.
  [[nodiscard]] Micros uptime() const { return system_now().monotonic - opened_; }

  /// The longest time that somebody had the turn to write while others had to wait for it, since the replica was opened.
  [[nodiscard]] Micros longest_turn() const { return turns_.longest(); }
  /// What commits changed.
  [[nodiscard]] const ChangeLog& changes() const { return changes_; }

  /// A clean end: no further jobs, checkpoints signed, runs ended. Idempotent; after it everything fails with `closed`.
  Result<void> close();

 private:
  Engine(std::filesystem::path dir, storage::WriterLock lock, std::unique_ptr<storage::LmdbStore> store);
  class Turn;
  static Result<std::unique_ptr<Engine>> open_locked(const std::filesystem::path& dir, storage::WriterLock lock, bool read_only);
  Result<void> tidy_up();
  void note_damaged(const std::set<std::uint32_t>& dossiers);
  Result<void> open_for_everybody(const std::vector<sync::LockKey>& keys);
  Result<void> work_in_turn(const WorkFn& fn, sync::ReplicaReader* as = nullptr);
  void tell_listeners(bool quietly = false);
  Result<void> put_built_in_forms();
  void run_jobs();
  void run_group(std::deque<Job> group);
  std::deque<Job> next_group(std::unique_lock<std::mutex>& held);
  void stop_jobs();

  std::filesystem::path dir_;
  storage::WriterLock lock_;
  bool read_only_ = false;
  Instant opened_ = system_now().monotonic;
  std::unique_ptr<storage::LmdbStore> store_;
  std::unique_ptr<sync::UpgradedStore> upgraded_;  ///< over a store that could not be brought up to date
  SystemRng rng_;
  std::unique_ptr<sync::Replica> replica_;
  Readers readers_;
  ChangeLog changes_;
  const HeldKeys nobody_{std::vector<sync::LockKey>()};

  Turns turns_;
  bool closed_ = false;
  std::atomic<std::uint64_t> locks_ = 0;

  std::mutex listeners_mutex_;
  struct Told {
    std::function<void()> call;
    Hears hears;
  };
  std::map<Listener, Told> listeners_;
  Listener listener_next_ = 0;

  std::mutex jobs_mutex_;
  std::condition_variable jobs_changed_;
  std::deque<Job> jobs_;
  bool jobs_stop_ = false;
  std::thread jobs_thread_;  ///< started by the first post
};

}  // namespace khuoi::node
