#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "sync/replica/replica.h"

namespace khuoi::node {

/// Lock keys that somebody holds, and the readers that they opened lately: warm for the next look of theirs, wiped with
/// the keys. Threads: any.
class HeldKeys final {
 public:
  explicit HeldKeys(std::vector<sync::LockKey> locks) : locks_(std::move(locks)) {}
  [[nodiscard]] const std::vector<sync::LockKey>& locks() const { return locks_; }

 private:
  friend class Readers;
  std::vector<sync::LockKey> locks_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<sync::ReplicaReader>> idle_;
};

[[nodiscard]] std::vector<sync::LockKey> copy_of(const std::vector<sync::LockKey>& keys);

/// Lends readers of a replica, each to one look or work at a time, so that none waits for another. Threads: any; nothing
/// but drain() and close() waits.
class Readers final {
 public:
  explicit Readers(Rng& rng) : rng_(rng) {}
  /// Before anything is lent: of which store, which outlives the last reader, and what its replica knows.
  void start(const sync::Store& store, const sync::Published& known);

  using UseFn = std::function<Result<void>(sync::ReplicaReader& reader)>;
  using LookFn = std::function<Result<void>(sync::ReplicaReader& reader, const sync::ReadTxn& txn)>;
  /// With a reader that opens exactly these keys, even none. Errors: closed, denied (they do not open this node),
  /// damaged; the store's; those of fn.
  Result<void> lend(const HeldKeys& keys, const UseFn& fn);
  /// One consistent picture, with such a reader.
  Result<void> look(const HeldKeys& keys, const LookFn& fn);

  /// What the replica knows as of its last commit.
  void publish(const sync::Published& known);
  /// The keys that are open for everybody.
  [[nodiscard]] std::shared_ptr<const HeldKeys> standing();
  void set_standing(std::vector<sync::LockKey> keys);
  /// Waits until every reader that is lent now came back.
  void drain();
  /// From now on none is lent; waits as drain().
  void close();

 private:
  Result<std::unique_ptr<sync::ReplicaReader>> take(const HeldKeys& keys);
  [[nodiscard]] sync::Published known();

  const sync::Store* store_ = nullptr;
  Rng& rng_;
  std::mutex mutex_;
  std::condition_variable came_back_;
  sync::Published known_;
  std::shared_ptr<const HeldKeys> standing_ = std::make_shared<const HeldKeys>(std::vector<sync::LockKey>());
  bool closed_ = false;
  std::uint64_t round_ = 0;                      ///< counts calls of drain()
  std::map<std::uint64_t, std::size_t> lent_;    ///< how many readers, by the round in which they were lent
};

}  // namespace khuoi::node
