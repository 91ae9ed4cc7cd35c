#pragma once

#include <atomic>
#include <chrono>

#include "storage/files.h"

namespace khuoi::mounts {

/// Rouses a thread that waits for file descriptors. ring() may be called from any thread.
class Wake final {
 public:
  Wake();
  void ring();
  /// After the waiting one was roused.
  void hush();
  /// Until then, or until it rings.
  void sleep_until(std::chrono::steady_clock::time_point until);
  [[nodiscard]] int fd() const { return event_.get(); }
  /// The thread is to end: no new calls, and those under way are given up soon.
  void stop() {
    stopping_ = true;
    ring();
  }
  [[nodiscard]] bool stopping() const { return stopping_; }

 private:
  storage::Fd event_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace khuoi::mounts
