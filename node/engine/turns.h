#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

#include "sync/base/time.h"

namespace khuoi::node {

/// Who may write, one at a time: first come, first served, since a command that commits in a loop must not starve a link.
/// Threads: begin() from any; the others from the one that has the turn.
class Turns final {
 public:
  /// Waits until it is this caller's turn.
  void begin();
  void end();
  /// Lets those who wait go first; the turn stays where nobody waits.
  void pass();
  /// Everybody else goes on while this lasts.
  void step_aside(const std::function<void()>& meanwhile);
  /// The longest time that somebody had the turn before ending or passing it.
  [[nodiscard]] Micros longest() const { return Micros(longest_micros_.load()); }

 private:
  // With the lock.
  void wait(std::unique_lock<std::mutex>& held, std::uint64_t mine);
  void note();
  void give_away();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t next_ = 0;
  std::uint64_t now_ = 0;
  Instant began_{};
  std::atomic<std::int64_t> longest_micros_ = 0;
};

}  // namespace khuoi::node
