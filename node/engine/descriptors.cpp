#include "node/engine/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

#include "node/engine/log.h"

namespace khuoi::node {

namespace {

constexpr rlim_t descriptors_wanted = 4096;
constexpr int reserve_min = 32;
constexpr int reserve_max = 128;

/// Asked anew each time: an administrator may change it while the service runs (prlimit).
int descriptors_max() {
  rlimit now{};
  if (getrlimit(RLIMIT_NOFILE, &now) != 0) return static_cast<int>(descriptors_wanted);
  return static_cast<int>(std::min<rlim_t>(now.rlim_cur, 1U << 20U));
}

int reserve_of(int most) { return std::clamp(most / 4, reserve_min, reserve_max); }

}  // namespace

int descriptors_reserved() { return reserve_of(descriptors_max()); }

bool leaves_reserve(int descriptor) {
  const int most = descriptors_max();
  return descriptor < most - reserve_of(most);
}

void raise_descriptor_limit() {
  rlimit now{};
  if (getrlimit(RLIMIT_NOFILE, &now) != 0 || now.rlim_cur >= descriptors_wanted) return;
  now.rlim_cur = std::min(now.rlim_max, descriptors_wanted);
  if (setrlimit(RLIMIT_NOFILE, &now) != 0 || now.rlim_cur < descriptors_wanted / 16) {
    log_warning("few_descriptors", {{"limit", std::to_string(descriptors_max())}});
  }
}

}  // namespace khuoi::node
