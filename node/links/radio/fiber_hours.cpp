#include "node/links/radio/fiber_hours.h"

#include <algorithm>
#include <set>

namespace khuoi::node {

namespace {
constexpr std::int64_t day_seconds = 24 * 60 * 60;
constexpr std::int64_t days_looked_at = 4;
constexpr std::int64_t days_enough = 3;
constexpr std::int64_t about_seconds = 60 * 60;
/// A gap of so much is a line that wavers, not one that comes up.
constexpr std::uint32_t quarters_of_a_gap = 2;

std::uint32_t quarter_of(std::int64_t seconds) {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(seconds, 0) / FiberHours::quarter_seconds);
}
std::int64_t seconds_of(std::uint32_t quarter) { return std::int64_t{quarter} * FiberHours::quarter_seconds; }
}  // namespace

bool FiberHours::note_up(UnixSeconds now) {
  const std::uint32_t quarter = quarter_of(now.value);
  const RangeSet before = quarters_;
  quarters_.add(quarter);
  // A clock that was set back leaves times that are still to come.
  quarters_ = quarters_.intersect(RangeSet(quarter_of(now.value - days_kept * day_seconds), quarter));
  return !(quarters_ == before);
}

bool FiberHours::was_up(std::int64_t from, std::int64_t to) const {
  return !quarters_.intersect(RangeSet(quarter_of(from), quarter_of(std::max(from, to)))).empty();
}

/// When it came up on the days before, carried over to the day of `about`.
std::optional<std::int64_t> FiberHours::usual_time(std::int64_t about) const {
  std::int64_t days = 0;
  std::int64_t latest = 0;
  for (std::int64_t day = 1; day <= days_looked_at; ++day) {
    const std::int64_t then = about - day * day_seconds;
    std::optional<std::int64_t> nearest;
    std::optional<std::uint32_t> ended;
    for (const auto& [first, last] : quarters_.ranges()) {
      const bool came_up = !ended || first > *ended + 1 + quarters_of_a_gap;
      ended = last;
      const std::int64_t at = seconds_of(first);
      if (!came_up || std::abs(at - then) > about_seconds) continue;
      if (!nearest || std::abs(at - then) < std::abs(*nearest - then)) nearest = at;
    }
    if (!nearest) continue;
    ++days;
    latest = std::max(latest, *nearest + day * day_seconds);
  }
  return days < days_enough ? std::nullopt : std::optional(latest);
}

std::optional<UnixSeconds> FiberHours::expected(UnixSeconds now, std::chrono::hours wait) const {
  const std::int64_t wait_seconds = std::chrono::seconds(wait).count();
  std::set<std::int64_t> times;
  for (const auto& [first, last] : quarters_.ranges()) {
    for (std::int64_t day = 1; day <= days_looked_at; ++day) {
      if (const auto usual = usual_time(seconds_of(first) + day * day_seconds)) times.insert(*usual);
    }
  }
  for (const std::int64_t at : times) {  // the earliest first
    const bool came = was_up(at - about_seconds, now.value);
    if (at + patience_seconds <= now.value) {
      const bool lately = at + patience_seconds + wait_seconds > now.value;
      if (lately && !came) return std::nullopt;
      continue;
    }
    const bool soon = at - now.value < wait_seconds;
    if (soon && !(at - about_seconds <= now.value && came)) return UnixSeconds{at};
  }
  return std::nullopt;
}

}  // namespace khuoi::node
