#include "node/engine/turns.h"

#include <algorithm>

#include "node/engine/machine.h"

namespace khuoi::node {

void Turns::wait(std::unique_lock<std::mutex>& held, std::uint64_t mine) {
  changed_.wait(held, [&] { return now_ == mine; });
  began_ = system_now().monotonic;
}

/// Whoever came now waits from here on.
void Turns::note() {
  const Instant at = system_now().monotonic;
  longest_micros_ = std::max(longest_micros_.load(), (at - began_).count());
  began_ = at;
}

void Turns::give_away() {
  note();
  ++now_;
  changed_.notify_all();
}

void Turns::begin() {
  std::unique_lock held(mutex_);
  wait(held, next_++);
}

void Turns::end() {
  const std::lock_guard held(mutex_);
  give_away();
}

void Turns::pass() {
  std::unique_lock held(mutex_);
  if (next_ == now_ + 1) return note();
  const std::uint64_t mine = next_++;
  give_away();
  wait(held, mine);
}

void Turns::step_aside(const std::function<void()>& meanwhile) {
  end();
  meanwhile();
  begin();
}

}  // namespace khuoi::node
