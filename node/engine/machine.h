#pragma once

#include <span>

#include "sync/base/rng.h"
#include "sync/base/time.h"

namespace khuoi::node {

/// The clocks of this machine; the only place that asks them for the core.
Now system_now();

/// The system's generator.
class SystemRng final : public Rng {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace khuoi::node
