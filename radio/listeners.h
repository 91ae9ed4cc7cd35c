#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "sync/base/radio_work.h"
#include "sync/base/time.h"

namespace khuoi::radio {

/// Of the commune: for which hamlets it looks for something that may go to all at once, and when. One that did not
/// answer is left out for a while, longer each time.
class Listeners final {
 public:
  /// Something was written, or somebody came.
  void look() { look_ = true; }
  void forget(RadioAlias alias) { unreached_.erase(alias); }
  /// Of these, the ones to look for now; none where nothing is new.
  std::vector<RadioAlias> take(Instant now, std::vector<RadioAlias> there) {
    const bool again = std::ranges::any_of(unreached_, [&](const auto& one) { return one.second.due(now); });
    if (!look_ && !again) return {};
    look_ = false;
    std::erase_if(there, [&](RadioAlias alias) {
      const auto known = unreached_.find(alias);
      return known != unreached_.end() && now < known->second.from;
    });
    for (auto& [alias, one] : unreached_) one.looked = one.looked || now >= one.from;
    return there;
  }
  /// Also whether there is more to say. Gives what this amounts to: one that speaks (`heard_at`) and twice answers no poll
  /// hears the commune but not what goes to all, since its disk forgot the group's key.
  RadioWork::Told::How told(Instant now, RadioAlias alias, RadioWork::Told::How how, std::optional<Instant> heard_at) {
    using How = RadioWork::Told::How;
    look_ = true;
    const auto before = unreached_.find(alias);
    const bool lacks_key = before != unreached_.end() && heard_at && *heard_at > before->second.at;
    if (how != How::unreached || lacks_key) {
      forget(alias);
      return how == How::unreached ? How::alone : how;
    }
    Unreached& one = unreached_[alias];
    one.at = now;
    one.pause = std::clamp<Micros>(2 * one.pause, std::chrono::minutes(10), std::chrono::hours(6));
    one.from = now + one.pause;
    one.looked = false;
    return how;
  }
  /// When take() gives something, if nothing happens before.
  [[nodiscard]] std::optional<Instant> wake(Instant now) const {
    if (look_) return now;
    std::optional<Instant> out;
    for (const auto& [alias, one] : unreached_) {
      if (!one.looked) out = out ? std::min(*out, one.from) : one.from;
    }
    return out;
  }

 private:
  struct Unreached {
    Instant at{};  ///< when it had answered nothing
    Micros pause{};
    Instant from{};
    bool looked = false;  ///< since then
    [[nodiscard]] bool due(Instant now) const { return !looked && now >= from; }
  };
  bool look_ = true;
  std::map<RadioAlias, Unreached> unreached_;
};

}  // namespace khuoi::radio
