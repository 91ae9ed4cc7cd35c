#include "node/engine/readers.h"

namespace khuoi::node {

namespace {
/// Of one person's keys; each keeps up to 256 contexts of runs in locked memory.
constexpr std::size_t idle_readers_max = 2;
}  // namespace

std::vector<sync::LockKey> copy_of(const std::vector<sync::LockKey>& keys) {
  std::vector<sync::LockKey> out;
  for (const sync::LockKey& key : keys) out.push_back({key.lock, key.key.duplicate()});
  return out;
}

void Readers::start(const sync::Store& store, const sync::Published& known) {
  store_ = &store;
  publish(known);
}

Result<std::unique_ptr<sync::ReplicaReader>> Readers::take(const HeldKeys& keys) {
  {
    const std::lock_guard held(keys.mutex_);
    if (!keys.idle_.empty()) {
      auto out = std::move(keys.idle_.back());
      keys.idle_.pop_back();
      return out;
    }
  }
  KHUOI_TRY(const auto txn, store_->begin_read());
  return sync::ReplicaReader::open(*txn, known(), keys.locks_, rng_);
}

Result<void> Readers::lend(const HeldKeys& keys, const UseFn& fn) {
  std::uint64_t round = 0;
  {
    const std::lock_guard held(mutex_);
    if (closed_) return fail(Errc::closed, "this node is stopping; try again when it runs");
    round = round_;
    ++lent_[round];
  }
  const auto use = [&]() -> Result<void> {
    KHUOI_TRY(auto reader, take(keys));
    const Result<void> done = fn(*reader);
    const std::lock_guard held(keys.mutex_);
    if (keys.idle_.size() < idle_readers_max) keys.idle_.push_back(std::move(reader));
    return done;
  };
  const Result<void> done = use();
  {
    const std::lock_guard held(mutex_);
    if (--lent_[round] == 0) lent_.erase(round);
    came_back_.notify_all();
  }
  return done;
}

Result<void> Readers::look(const HeldKeys& keys, const LookFn& fn) {
  return lend(keys, [&](sync::ReplicaReader& reader) -> Result<void> {
    KHUOI_TRY(const auto txn, store_->begin_read());
    KHUOI_TRY_VOID(reader.renew(*txn, known()));
    return fn(reader, *txn);
  });
}

void Readers::publish(const sync::Published& known) {
  const std::lock_guard held(mutex_);
  known_ = known;
}

sync::Published Readers::known() {
  const std::lock_guard held(mutex_);
  return known_;
}

std::shared_ptr<const HeldKeys> Readers::standing() {
  const std::lock_guard held(mutex_);
  return standing_;
}

void Readers::set_standing(std::vector<sync::LockKey> keys) {
  auto next = std::make_shared<const HeldKeys>(std::move(keys));
  const std::lock_guard held(mutex_);
  standing_.swap(next);
}

void Readers::drain() {
  std::unique_lock held(mutex_);
  const std::uint64_t next = ++round_;
  came_back_.wait(held, [&] { return lent_.empty() || lent_.begin()->first >= next; });
}

void Readers::close() {
  {
    const std::lock_guard held(mutex_);
    closed_ = true;
  }
  drain();
}

}  // namespace khuoi::node
