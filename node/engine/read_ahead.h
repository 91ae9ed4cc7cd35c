#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "sync/base/result.h"

namespace khuoi::node {

/// Makes the next items on a thread of its own while the one before is worked on: besides the one handed out and the
/// one being made, at most `ready_max` exist at a time. Threads: one owner calls next().
template <typename T>
class ReadAhead final {
 public:
  /// Called on the other thread until it gives nothing or fails; whatever it borrows must outlive this object.
  using Make = std::function<Result<std::optional<T>>()>;
  explicit ReadAhead(Make make, std::size_t ready_max = 1)
      : make_(std::move(make)), ready_max_(ready_max), thread_([this] { run(); }) {}
  /// Waits for a call that is under way.
  ~ReadAhead() {
    {
      const std::lock_guard held(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// Waits. Nothing after the last; an error, like the end, stays.
  Result<std::optional<T>> next() {
    std::unique_lock held(mutex_);
    changed_.wait(held, [&] { return !ready_.empty() || ended_; });
    if (ready_.empty()) return error_ ? Result<std::optional<T>>(*error_) : std::optional<T>();
    std::optional<T> out = std::move(ready_.front());
    ready_.pop_front();
    held.unlock();
    changed_.notify_all();
    return out;
  }

 private:
  void run() {
    for (;;) {
      Result<std::optional<T>> made = make_();
      std::unique_lock held(mutex_);
      changed_.wait(held, [&] { return ready_.size() < ready_max_ || stopping_; });
      if (stopping_) return;
      if (made && *made) {
        ready_.push_back(std::move(**made));
      } else {
        if (!made) error_ = made.error();
        ended_ = true;
      }
      changed_.notify_all();
      if (ended_) return;
    }
  }

  Make make_;
  const std::size_t ready_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> ready_;
  std::optional<Error> error_;
  bool ended_ = false;
  bool stopping_ = false;
  std::thread thread_;  ///< last: it uses the rest from its start
};

}  // namespace khuoi::node
