#pragma once

#include <map>

#include "node/links/radio/fiber_hours_file.h"
#include "node/links/radio/radio_outlook.h"
#include "node/links/radio/radio_policy.h"
#include "sync/log/since_start.h"

namespace khuoi::node {

/// What waits at one radio and for what: the policy with its file, and what the last loads left in the store. Threads:
/// one owner.
class RadioWaits final {
 public:
  RadioWaits(const std::filesystem::path& data, std::chrono::hours wait) : file_(data), policy_(wait, file_.read()) {}

  /// The commune's time, as this node knows it.
  void note_told(const sync::TrustedTime& told) { told_ = told; }
  /// True: more may go now than before.
  bool look(bool fiber_up, const Now& now);
  [[nodiscard]] RadioGoes goes() const { return policy_.goes(); }

  void note_loaded(const RadioWorkDone& done);
  /// Everybody begins anew.
  void forget_loads() { left_.clear(); }
  /// Adds what it knows.
  void add_to(RadioFacts& facts) const;

 private:
  struct Left {
    std::size_t behind = 0, held = 0;
  };
  FiberHoursFile file_;
  RadioPolicy policy_;
  sync::TrustedTime told_;
  bool write_failed_ = false;
  std::map<RadioAlias, Left> left_;
};

}  // namespace khuoi::node
