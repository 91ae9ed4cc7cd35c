#pragma once

#include <cstdint>
#include <map>
#include <mutex>

namespace khuoi::http {

/// How often something was refused since the start, by the status it was told; 408: a body that came too slowly, which
/// nobody is told. Threads: any.
class Refusals final {
 public:
  void note(unsigned status) {
    const std::lock_guard held(mutex_);
    ++counts_[status];
  }
  [[nodiscard]] std::map<unsigned, std::uint64_t> counts() const {
    const std::lock_guard held(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<unsigned, std::uint64_t> counts_;  ///< statuses are our own: a dozen
};

}  // namespace khuoi::http
