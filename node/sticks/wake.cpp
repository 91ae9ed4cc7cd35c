#include "node/sticks/wake.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "sync/base/check.h"

namespace khuoi::mounts {

Wake::Wake() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { KHUOI_CHECK(event_.open()); }

void Wake::ring() {
  const std::uint64_t one = 1;
  // Fails only when it has been rung 2^64 times.
  [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
}

void Wake::hush() {
  std::uint64_t rung = 0;
  [[maybe_unused]] const auto read = ::read(event_.get(), &rung, sizeof rung);
}

void Wake::sleep_until(std::chrono::steady_clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
  pollfd event{event_.get(), POLLIN, 0};
  if (::poll(&event, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000))) > 0) hush();
}

}  // namespace khuoi::mounts
