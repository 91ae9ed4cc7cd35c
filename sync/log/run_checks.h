#pragma once

#include <set>

#include "sync/log/run_keys.h"

namespace khuoi::sync {

/// Checks runs as a whole, once in a batch each: against the checkpoints that their author signed, which expose records
/// forged by whoever holds the commune's receiving key, and for a box that was set back or copied. Those
/// that wait for their records stand in table note. What it finds, a person is shown.
class RunChecks final {
 public:
  RunChecks(Core& core, RunKeys& run_keys) : core_(core), run_keys_(run_keys) {}

  /// A record of that run came.
  void touch(const RunKey& key) { touched_.insert(key); }
  Result<void> note_checkpoint(Batch& batch, const Ref& ref, const Checkpoint& checkpoint);
  /// Before a commit.
  Result<void> settle(Batch& batch);
  void forget() { touched_.clear(); }

 private:
  struct Due {
    std::uint32_t up_to = 0;
    std::array<std::uint8_t, 32> chain{};
  };
  /// Takes the run's checkpoints whose records are all here off the list.
  Result<std::vector<Due>> due_checkpoints(Batch& batch, const RunKey& key, const RunRow& row);
  Result<void> check_chain(Batch& batch, const RunKey& key);
  /// A run that went on after a later start of its author had named its last number: that start was a rollback.
  Result<void> check_rollback(Batch& batch, const RunKey& key);

  Core& core_;
  RunKeys& run_keys_;
  std::set<RunKey> touched_;
};

}  // namespace khuoi::sync
