#pragma once

#include <string>

#include "node/service/engine.h"

namespace khuoi::http {

/// How long nobody may try again after so many failures in a row: 1, 2, 4 … 256 s, and 15 minutes from the tenth on.
std::uint64_t wait_seconds(std::uint64_t failures);

/// Where the counter of a name stands, table `meta`: whoever removes what it guards removes it too.
std::string tries_row(const std::string& name);

/// Counts failed tries, one counter a name, in the store: an attempt is counted, synced, before it is checked, so that
/// neither a power cut nor a kill gives one away. After a start every counter waits its time anew, whatever the wall
/// clock says. Threads: one at a time.
class Backoff final {
 public:
  explicit Backoff(node::Engine& engine) : engine_(engine), started_(engine.now().monotonic) {}

  /// Zero when a try is free now; else the seconds to wait.
  Result<std::uint64_t> wait(const std::string& name);
  /// Before the check.
  Result<void> count(const std::string& name);
  /// After it failed: the time begins now.
  void failed(const std::string& name);
  Result<void> succeeded(const std::string& name);

 private:
  Result<std::uint64_t> failures(const std::string& name);
  node::Engine& engine_;
  Instant started_;
  std::map<std::string, Instant> last_;
};

}  // namespace khuoi::http
