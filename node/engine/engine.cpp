#include "node/engine/engine.h"

#include <algorithm>
#include <chrono>

#include "node/engine/clean_stop.h"
#include "node/engine/log.h"
#include "node/forms/built_in.h"
#include "storage/verify.h"
#include "sync/base/check.h"
#include "sync/files/unverified.h"
#include "sync/seal/hash.h"

namespace khuoi::node {

namespace {
constexpr std::size_t group_jobs_max = 1000;
constexpr std::size_t group_octets_max = std::size_t{4} << 20U;
/// Of what came while the node was locked, in one commit: others who write wait for it.
constexpr std::size_t opened_at_once = 100;

/// This machine's disk takes no commit now; what is here is as it was.
bool disk_refuses(const Error& error) {
  return error.code == Errc::disk_full || error.code == Errc::store_full || error.code == Errc::read_only ||
         error.code == Errc::io;
}

Error closed_error() { return fail(Errc::closed, "this node is stopping; try again when it runs"); }
Result<void> must_hold_node(const std::filesystem::path& dir) {
  if (storage::holds_store(dir / "store")) return {};
  return fail(Errc::not_found, "there is no node in " + dir.string() +
                                   ": make one with 'khuoi init', or name another "
                                   "folder with --data");
}
}  // namespace

/// Waits until it is this caller's turn; when dropped, tells readers what was committed and ends it.
class Engine::Turn final {
 public:
  explicit Turn(Engine& engine) : engine_(engine) { engine_.turns_.begin(); }
  ~Turn() {
    if (engine_.replica_) {
      engine_.readers_.publish(engine_.replica_->published());
      engine_.changes_.add(engine_.replica_->take_changes());
    }
    engine_.turns_.end();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Engine& engine_;
};

Engine::Engine(std::filesystem::path dir, storage::WriterLock lock, std::unique_ptr<storage::LmdbStore> store)
    : dir_(std::move(dir)), lock_(std::move(lock)), store_(std::move(store)), readers_(rng_) {}

Result<std::unique_ptr<Engine>> Engine::open(const std::filesystem::path& dir) {
  KHUOI_TRY_VOID(must_hold_node(dir));
  KHUOI_TRY(auto lock, storage::WriterLock::acquire(dir));
  return open_locked(dir, std::move(lock), false);
}

Result<std::unique_ptr<Engine>> Engine::open_to_read(const std::filesystem::path& dir) {
  KHUOI_TRY_VOID(must_hold_node(dir));
  KHUOI_TRY(auto lock, storage::WriterLock::acquire_to_read(dir));
  return open_locked(dir, std::move(lock), true);
}

Result<std::unique_ptr<Engine>> Engine::open_locked(const std::filesystem::path& dir, storage::WriterLock lock,
                                                    bool read_only) {
  const std::filesystem::path store_dir = dir / "store";
  if (!was_stopped_cleanly(dir)) {
    KHUOI_TRY_VOID(storage::verify_structure(store_dir));
  }
  KHUOI_TRY(auto store, storage::LmdbStore::open(store_dir, {.read_only = read_only}));
  if (!read_only) forget_clean_stop(dir);
  std::unique_ptr<Engine> out(new Engine(dir, std::move(lock), std::move(store)));
  out->read_only_ = read_only;
  auto replica = sync::Replica::open(*out->store_, out->rng_);
  if (!replica && disk_refuses(replica.error())) {  // it is of an earlier format
    KHUOI_TRY(out->upgraded_, sync::UpgradedStore::over(*out->store_, replica.error()));
    replica = sync::Replica::open(*out->upgraded_, out->rng_);
  }
  if (!replica) return replica.error();
  out->replica_ = std::move(*replica);
  out->readers_.start(out->upgraded_ ? static_cast<const sync::Store&>(*out->upgraded_) : *out->store_, out->replica_->published());
  if (read_only) return out;
  if (const auto tidy = out->tidy_up(); !tidy) {
    const bool full = tidy.error().code == Errc::disk_full || tidy.error().code == Errc::store_full;
    const bool damaged = tidy.error().code == Errc::damaged;
    if (!full && !damaged) return tidy.error();
    log_error(full ? "disk_full" : "store_damaged", {{"why", tidy.error().what}});
  }
  return out;
}

Result<void> Engine::tidy_up() {
  KHUOI_TRY_VOID(put_built_in_forms());
  return work([](sync::Replica&, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(sync::Files::discard_staged(batch));
    KHUOI_TRY_VOID(sync::sweep_unverified(batch));
    return {};
  });
}

Engine::~Engine() {
  stop_jobs();
  if (!closed_) (void)close();
}

Result<void> Engine::put_built_in_forms() {
  std::vector<sync::Replica::BuiltIn> shipped;
  for (const BuiltInForm& form : built_in_forms()) shipped.push_back({form.xml, form.domain});
  bool lacks = false;
  KHUOI_TRY_VOID(look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(lacks, reader.lacks_built_in(txn, shipped));
    return {};
  }));
  if (!lacks) return {};
  return work([&](sync::Replica& replica, sync::Batch& batch) { return replica.put_built_in(batch, shipped); });
}

Result<void> Engine::work_in_turn(const WorkFn& fn, sync::ReplicaReader* as) {
  if (closed_) return closed_error();
  KHUOI_TRY(auto work, as != nullptr ? replica_->begin(now(), *as) : replica_->begin(now()));
  KHUOI_TRY_VOID(fn(*replica_, work.batch()));
  return work.commit();
}

Result<void> Engine::work(const WorkFn& fn) {
  Result<void> done;
  {
    const Turn turn(*this);
    done = work_in_turn(fn);
  }
  if (done) tell_listeners();
  return done;
}

Engine::Listener Engine::on_commit(std::function<void()> listener, Hears hears) {
  const std::lock_guard held(listeners_mutex_);
  listeners_.emplace(++listener_next_, Told{std::move(listener), hears});
  return listener_next_;
}

void Engine::forget(Listener listener) {
  const std::lock_guard held(listeners_mutex_);
  listeners_.erase(listener);
}

void Engine::tell_listeners(bool quietly) {
  const std::lock_guard held(listeners_mutex_);
  for (const auto& [id, listener] : listeners_) {
    if (!quietly || listener.hears == Hears::all) listener.call();
  }
}

Result<void> Engine::look(const LookFn& fn) {
  const auto standing = readers_.standing();
  return look_as(*standing, fn);
}

Result<void> Engine::hold(const HoldFn& fn) {
  Result<void> done;
  bool began = false;
  {
    const Turn turn(*this);
    if (closed_) return closed_error();
    done = fn(*replica_, [&]() -> Result<sync::Replica::Work> {
      began = true;
      readers_.publish(replica_->published());
      pass_turn();
      if (closed_) return closed_error();
      return replica_->begin(now());
    });
  }
  if (began) tell_listeners();  // even if it failed later, something may have been committed
  return done;
}

/// What waits is opened in several turns, the last of which does the work. No reader is lent from one to the next: lock()
/// waits for it while it has the turn.
Result<void> Engine::work_as(const HeldKeys& keys, const WorkFn& fn, bool quiet) {
  sync::OpeningPlace place;
  bool more = !keys.locks().empty();
  const auto open_or_work = [&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(more, replica.open_some_of_what_waits(batch, place, opened_at_once));
    return more ? Result<void>() : fn(replica, batch);
  };
  Result<void> done;
  bool opened = false;
  do {
    const Turn turn(*this);
    done = keys.locks().empty() ? work_in_turn(fn) : readers_.lend(keys, [&](sync::ReplicaReader& as) {
      return work_in_turn(open_or_work, &as);
    });
    opened = opened || (done && more);
  } while (done && more);
  if (done || opened) tell_listeners(quiet);
  return done;
}

Result<void> Engine::look_as(const HeldKeys& keys, const LookFn& fn) {
  std::set<std::uint32_t> damaged;
  const Result<void> done = readers_.look(keys, [&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) {
    const Result<void> looked = fn(reader, txn);
    damaged = reader.dossiers().take_damaged();
    return looked;
  });
  if (!damaged.empty() && !read_only_) note_damaged(damaged);
  return done;
}

/// So that whoever counts them need not read all rows. What the disk refuses is noted the next time.
void Engine::note_damaged(const std::set<std::uint32_t>& dossiers) {
  const auto note = [&](sync::Replica& replica, sync::Batch& batch) {
    return replica.dossiers().note_damaged(batch, dossiers);
  };
  const auto noted = work_as(nobody_, note, true);
  if (!noted) log_warning("damage_not_noted", {{"why", noted.error().what}});
}

Result<void> Engine::ask(const HeldKeys& keys, const LookFn& fn) {
  if (keys.locks().empty()) return look(fn);
  bool waits = false;
  KHUOI_TRY_VOID(look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(waits, reader.waits_for_keys(txn));
    return {};
  }));
  if (waits && !read_only_) {
    const auto opened = work_as(keys, [](sync::Replica&, sync::Batch&) { return Result<void>(); });
    if (!opened && !disk_refuses(opened.error())) return opened;
  }
  return look_as(keys, fn);
}

Result<void> Engine::unlock(std::vector<sync::LockKey> keys) {
  {
    const Turn turn(*this);
    if (closed_) return closed_error();
    const std::uint64_t locks_before = locks_;
    const Result<void> done = open_for_everybody(keys);
    // Others had their turns meanwhile.
    if (locks_ != locks_before) return fail(Errc::locked, "everything was locked meanwhile: unlock it again");
    std::vector<sync::LockKey> all = copy_of(readers_.standing()->locks());
    if (!done) {
      // As it was before.
      replica_->lock();
      KHUOI_TRY(const auto txn, replica_->read());
      KHUOI_TRY_VOID(replica_->open(*txn, all));
      return done;
    }
    for (sync::LockKey& key : keys) {
      const bool stands = std::ranges::find(all, key.lock, &sync::LockKey::lock) != all.end();
      if (!stands) all.push_back(std::move(key));
    }
    readers_.set_standing(std::move(all));
  }
  tell_listeners();
  return {};
}

Result<void> Engine::open_for_everybody(const std::vector<sync::LockKey>& keys) {
  {
    KHUOI_TRY(const auto txn, replica_->read());
    KHUOI_TRY_VOID(replica_->open(*txn, keys));
  }
  sync::OpeningPlace place;
  bool more = true;
  while (more) {
    const Result<void> done = work_in_turn([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(more, replica.open_some_of_what_waits(batch, place, opened_at_once));
      return {};
    });
    if (!done) return disk_refuses(done.error()) ? Result<void>() : done;
    readers_.publish(replica_->published());
    if (more) pass_turn();
  }
  return {};
}

Result<void> Engine::lock() {
  const Turn turn(*this);
  if (closed_) return closed_error();
  ++locks_;
  readers_.set_standing({});
  replica_->lock();
  readers_.drain();
  return {};
}

void Engine::post(Job job) {
  {
    const std::lock_guard held(jobs_mutex_);
    if (!jobs_stop_) {
      if (!jobs_thread_.joinable()) jobs_thread_ = std::thread([this] { run_jobs(); });
      jobs_.push_back(std::move(job));
      jobs_changed_.notify_one();
      return;
    }
  }
  job.done(closed_error());
}

/// What shares the next commit: repeatable jobs together, any other alone, in the order they came.
std::deque<Engine::Job> Engine::next_group(std::unique_lock<std::mutex>& held) {
  jobs_changed_.wait(held, [&] { return jobs_stop_ || !jobs_.empty(); });
  std::deque<Job> group;
  if (jobs_stop_) return group;
  std::size_t octets = 0;
  do {
    octets += jobs_.front().octets;
    group.push_back(std::move(jobs_.front()));
    jobs_.pop_front();
  } while (group.front().repeatable && !jobs_.empty() && jobs_.front().repeatable && group.size() < group_jobs_max &&
           octets < group_octets_max);
  return group;
}

void Engine::run_group(std::deque<Job> group) {
  const WorkFn all = [&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    for (const Job& job : group) {
      KHUOI_TRY_VOID(job.run(replica, batch));
    }
    return {};
  };
  Result<void> together;
  {
    const Turn turn(*this);
    together = work_in_turn(all);
  }
  if (together) tell_listeners(std::ranges::all_of(group, &Job::quiet));
  for (Job& job : group) {
    // One that fails must not take the others with it.
    const bool alone = !together && group.size() > 1;
    job.done(alone ? work(job.run) : together);
  }
}

void Engine::run_jobs() {
  while (true) {
    std::deque<Job> group;
    {
      std::unique_lock held(jobs_mutex_);
      group = next_group(held);
    }
    if (group.empty()) return;
    run_group(std::move(group));
  }
}

void Engine::stop_jobs() {
  std::deque<Job> left;
  {
    const std::lock_guard held(jobs_mutex_);
    jobs_stop_ = true;
    left.swap(jobs_);
  }
  jobs_changed_.notify_all();
  if (jobs_thread_.joinable()) jobs_thread_.join();
  for (Job& job : left) job.done(closed_error());
}

Result<void> Engine::close() {
  stop_jobs();
  const Turn turn(*this);
  if (closed_) return {};
  closed_ = true;
  readers_.close();
  if (!replica_ || read_only_) return {};  // it never opened, or changed nothing
  const Result<void> done = replica_->close(now());
  if (done) note_clean_stop(dir_);
  return done;
}

}  // namespace khuoi::node
