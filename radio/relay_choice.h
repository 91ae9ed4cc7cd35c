#pragma once

#include <map>
#include <optional>
#include <vector>

#include "radio/relay_frames.h"
#include "sync/base/time.h"

namespace khuoi::radio {

/// Of the commune: which hamlet passes frames on for one that is not heard. The best heard of those that told of it
/// within some seconds; another one where half an hour brought nothing.
class RelayChoice final {
 public:
  void on_hears(Instant now, RadioAlias by, const NeighbourHeard& heard);
  struct Serve {
    RadioAlias by = 0;
    std::vector<RadioAlias> aliases;  ///< all that it serves
  };
  /// An appointment that is to be said now: the same one until settle().
  [[nodiscard]] std::optional<Serve> due(Instant now) const;
  /// What due() gives at that moment was said, or nobody can be told it.
  void settle(Instant now);
  [[nodiscard]] std::optional<Instant> wake() const;
  /// The commune hears that hamlet itself: whoever serves it is to stop. Nothing where nobody does.
  void release(Instant now, RadioAlias alias);
  void forget(RadioAlias alias);
  /// For people: who serves that hamlet.
  [[nodiscard]] std::optional<RadioAlias> relay_of(RadioAlias alias) const;

 private:
  struct Offers {
    std::map<RadioAlias, int> snr_db;
    Instant decide_at{};
  };
  struct Appointed {
    RadioAlias by = 0;
    Instant at{};
  };
  /// Who was appointed for somebody that needs nobody now. It is told twice, for nothing acknowledges it.
  struct Released {
    Instant say_at{};
    unsigned left = 2;
  };
  /// All that it serves, with that one more if it is appointed for it, too.
  [[nodiscard]] Serve served_by(RadioAlias by, std::optional<RadioAlias> also = {}) const;
  [[nodiscard]] RadioAlias best(Instant now, RadioAlias alias, const Offers& offers) const;
  std::map<RadioAlias, Offers> offers_;
  std::map<RadioAlias, Appointed> appointed_;
  std::map<RadioAlias, Released> released_;
};

}  // namespace khuoi::radio
