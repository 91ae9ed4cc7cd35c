#pragma once

#include <map>

#include "sync/base/frame_keys.h"

namespace khuoi::radio {

/// How much of what this node sends is lost on the way to each of the others, by what they report. Few reports say
/// little: they count beside what all report together.
class SymbolLoss final {
 public:
  void add(RadioAlias alias, std::size_t lost, std::size_t sent) {
    if (lost > sent) return;
    Counts& one = counts_[alias];
    one.lost += static_cast<double>(lost);
    one.sent += static_cast<double>(sent);
    if (one.sent <= remembered) return;
    one.lost /= 2;
    one.sent /= 2;
  }
  /// Between 0 and 1.
  [[nodiscard]] double of(RadioAlias alias) const {
    Counts all;
    for (const auto& [other, one] : counts_) {
      all.lost += one.lost;
      all.sent += one.sent;
    }
    const double usual = (all.lost + loss_at_first * weight_of_all) / (all.sent + weight_of_all);
    const auto found = counts_.find(alias);
    const Counts own = found == counts_.end() ? Counts{} : found->second;
    return (own.lost + usual * weight_of_all) / (own.sent + weight_of_all);
  }

 private:
  /// Before the first report. Links that lose nothing are rare, and a round of reports costs more than a symbol.
  static constexpr double loss_at_first = 0.12;
  static constexpr double remembered = 200, weight_of_all = 20;  ///< symbols
  struct Counts {
    double lost = 0, sent = 0;
  };
  std::map<RadioAlias, Counts> counts_;
};

}  // namespace khuoi::radio
