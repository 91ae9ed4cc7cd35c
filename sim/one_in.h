#pragma once

#include "sync/base/rng.h"

namespace khuoi::sim {

/// One in so many; zero is never.
struct OneIn {
  std::uint32_t of = 0;
  [[nodiscard]] bool hits(Rng& rng) const { return of != 0 && rng.below(of) == 0; }
  /// Every other time never, else between the two.
  static OneIn drawn(Rng& rng, std::uint32_t often, std::uint32_t seldom) {
    const bool on = rng.below(2) == 0;
    const auto of = static_cast<std::uint32_t>(often + rng.below(seldom - often + 1));
    return on ? OneIn{of} : OneIn{};
  }
};

/// The faults of one seed's world; one world in eight has none. Draws the same whether or not.
class FaultDraw final {
 public:
  explicit FaultDraw(Rng& rng) : rng_(rng), any_(rng.below(8) != 0) {}
  OneIn operator()(std::uint32_t often, std::uint32_t seldom) {
    const OneIn drawn = OneIn::drawn(rng_, often, seldom);
    return any_ ? drawn : OneIn{};
  }
  [[nodiscard]] bool any() const { return any_; }

 private:
  Rng& rng_;
  bool any_;
};

}  // namespace khuoi::sim
