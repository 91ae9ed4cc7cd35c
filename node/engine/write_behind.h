#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "sync/base/bytes.h"
#include "sync/base/result.h"

namespace khuoi::node {

/// Writes on a thread of its own what is added, in pieces of some size, while the next piece is put together. Memory: two
/// pieces. Threads: one owner calls add() and finish().
class WriteBehind final {
 public:
  /// Called on the other thread, never two calls at once; whatever it borrows must outlive this object.
  using Write = std::function<Result<void>(ByteView octets)>;
  WriteBehind(Write write, std::size_t piece_octets)
      : write_(std::move(write)), piece_octets_(piece_octets), thread_([this] { run(); }) {}
  /// Waits for a call that is under way; what no finish() waited for may be lost.
  ~WriteBehind() {
    {
      const std::lock_guard held(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  WriteBehind(const WriteBehind&) = delete;
  WriteBehind& operator=(const WriteBehind&) = delete;

  /// Waits while a piece is full and the one before it is still written. Errors: what a write said; it stays.
  Result<void> add(ByteView octets) {
    if (!filling_.empty() && filling_.size() + octets.size() > piece_octets_) KHUOI_TRY_VOID(hand_over());
    append(filling_, octets);
    return {};
  }
  /// All that was added is written when it returns. Errors: as add.
  Result<void> finish() {
    if (!filling_.empty()) KHUOI_TRY_VOID(hand_over());
    std::unique_lock held(mutex_);
    changed_.wait(held, [&] { return writing_.empty(); });
    return error_ ? Result<void>(*error_) : Result<void>();
  }

 private:
  Result<void> hand_over() {
    {
      std::unique_lock held(mutex_);
      changed_.wait(held, [&] { return writing_.empty(); });
      if (error_) return *error_;
      std::swap(filling_, writing_);
    }
    changed_.notify_all();
    return {};
  }

  void run() {
    std::unique_lock held(mutex_);
    while (true) {
      changed_.wait(held, [&] { return !writing_.empty() || stopping_; });
      if (stopping_) return;
      held.unlock();
      const Result<void> done = write_(writing_);  // nobody else touches it until it is empty
      held.lock();
      if (!done) error_ = done.error();
      writing_.clear();
      changed_.notify_all();
    }
  }

  Write write_;
  const std::size_t piece_octets_;
  Bytes filling_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Bytes writing_;  ///< not empty: the thread's
  std::optional<Error> error_;
  bool stopping_ = false;
  std::thread thread_;  ///< last: it uses the rest from its start
};

}  // namespace khuoi::node
