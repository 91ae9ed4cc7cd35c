#include "sim/air/airtime_log.h"

#include <algorithm>

#include "sync/base/check.h"

namespace khuoi::sim {

void AirtimeLog::add(Instant start, Instant end) {
  KHUOI_CHECK(start <= end);
  KHUOI_CHECK(rows_.empty() || rows_.back().end <= start);
  rows_.push_back({start, end, total()});
}

void AirtimeLog::cut(Instant end) {
  KHUOI_CHECK(!rows_.empty() && rows_.back().start <= end && end <= rows_.back().end);
  rows_.back().end = end;
}

Micros AirtimeLog::total() const {
  return rows_.empty() ? Micros(0) : rows_.back().before + (rows_.back().end - rows_.back().start);
}

Micros AirtimeLog::before(Instant when) const {
  const auto next = std::partition_point(rows_.begin(), rows_.end(), [&](const Row& row) { return row.start < when; });
  if (next == rows_.begin()) return Micros(0);
  const Row& last = *std::prev(next);
  return last.before + (std::min(last.end, when) - last.start);
}

Micros AirtimeLog::worst(Micros window) const {
  // What lies in a moving window grows only while its front is in a frame and its back is not: it is greatest where the
  // front leaves a frame or the back comes to one.
  Micros most{};
  for (const Row& row : rows_) {
    most = std::max(most, before(row.start + window) - row.before);
    most = std::max(most, row.before + (row.end - row.start) - before(row.end - window));
  }
  return most;
}

}  // namespace khuoi::sim
