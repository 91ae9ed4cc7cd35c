#include "radio/join_guard.h"

#include <algorithm>

namespace khuoi::radio {

namespace {
/// Of this start of the commune: more than a hamlet draws in years.
constexpr std::size_t retired_max = 1024;
constexpr std::size_t welcomes_a_minute = 4;
}  // namespace

void JoinGuard::retire(const HamletToken& token) {
  retired_.push_back(token);
  if (retired_.size() > retired_max) retired_.pop_front();
}

bool JoinGuard::may_welcome(Instant now, const HamletToken& token) {
  if (std::ranges::find(retired_, token) != retired_.end()) return false;
  while (!welcomes_.empty() && welcomes_.front() + std::chrono::minutes(1) <= now) welcomes_.pop_front();
  return welcomes_.size() < welcomes_a_minute;
}

}  // namespace khuoi::radio
