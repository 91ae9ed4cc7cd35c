#include "radio/duty.h"

#include <algorithm>

namespace khuoi::radio {

namespace {
constexpr Micros hour = std::chrono::hours(1);
constexpr Micros row_span = std::chrono::minutes(1);
/// A modem that waits for the air keeps a frame back longer than its driver knows, so the hour may begin later.
constexpr Micros kept_back_max = std::chrono::minutes(1);
constexpr Micros row_counts = hour + kept_back_max;
/// So much is reserved at once, so that a burst of short frames does not wait for the disk each time.
constexpr Micros block = std::chrono::seconds(2);
constexpr std::size_t rows_max = 64;
}  // namespace

Micros DutyLedger::limit(Priority priority) const {
  return priority == Priority::urgent ? limits_.hour : limits_.hour - limits_.urgent_only;
}

/// What ended within a minute becomes one row, as young as the last of it: memory stays small, and no hour is counted
/// short.
void DutyLedger::add(Instant last, Micros used) {
  if (used <= Micros(0)) return;
  std::erase_if(rows_, [&](const Row& row) { return row.last + row_counts <= last; });
  if (!rows_.empty() && last - rows_.back().first < row_span) {
    rows_.back().last = last;
    rows_.back().used += used;
  } else {
    rows_.push_back({last, last, used});
  }
}

Micros DutyLedger::used(Instant now) const {
  Micros out = taken_;
  for (const Row& row : rows_) out += row.last + row_counts > now ? row.used : Micros(0);
  return out;
}

std::optional<Instant> DutyLedger::earliest(Instant now, Micros airtime, Priority priority) const {
  const Micros free_at_most = limit(priority) - airtime;
  if (free_at_most < Micros(0)) return std::nullopt;
  Micros left = used(now);
  if (left <= free_at_most) return now;
  for (const Row& row : rows_) {
    if (row.last + row_counts <= now) continue;
    left -= row.used;
    if (left <= free_at_most) return row.last + row_counts;
  }
  return now + hour;  // what is taken has not been on the air yet
}

bool DutyLedger::take(Instant now, Micros airtime, Priority priority) {
  const auto when = earliest(now, airtime, priority);
  if (!when || *when > now) return false;
  taken_ += airtime;
  if (reserved_ >= airtime) {
    reserved_ -= airtime;
  } else {
    reserved_ = std::max(block, airtime) - airtime;
    unsaved_ = true;
  }
  return true;
}

void DutyLedger::ended(Instant now) { add(now, std::exchange(taken_, Micros(0))); }

void DutyLedger::give_back() {
  unsaved_ = unsaved_ || reserved_ > Micros(0);
  reserved_ = Micros(0);
}

Bytes DutyLedger::encode() const {
  Bytes out(boot_.begin(), boot_.end());
  Writer to(out);
  to.u64(static_cast<std::uint64_t>((taken_ + reserved_).count()));
  for (const Row& row : rows_) {
    to.u64(static_cast<std::uint64_t>(row.last.time_since_epoch().count()));
    to.u64(static_cast<std::uint64_t>(row.used.count()));
  }
  return out;
}

Result<DutyLedger> DutyLedger::load(const Limits& limits, const BootId& boot, ByteView saved, Instant now) {
  const auto damaged = fail(Errc::malformed, "the duty ledger does not decode: this hour counts as used up");
  Reader from(saved);
  const bool same_boot = from.array<16>() == boot;
  // Where it ended, nobody noted: a modem may have sent it only now.
  Micros ends_now(static_cast<std::int64_t>(from.u64()));
  if (!from.ok() || ends_now < Micros(0) || ends_now > hour) return damaged;
  DutyLedger out(limits, boot);
  for (std::size_t rows = 0; from.ok() && !from.done(); ++rows) {
    const Instant last{Micros(static_cast<std::int64_t>(from.u64()))};
    const Micros used(static_cast<std::int64_t>(from.u64()));
    const bool in_order = last >= Instant() && (out.rows_.empty() || out.rows_.back().last <= last);
    if (!from.ok() || rows == rows_max || used < Micros(0) || used > hour || !in_order) return damaged;
    if (same_boot && last <= now) {
      out.add(last, used);
    } else {
      ends_now += used;
    }
  }
  out.add(now, ends_now);
  out.unsaved_ = true;
  return out;
}

DutyLedger DutyLedger::spent(const Limits& limits, const BootId& boot, Instant now) {
  DutyLedger out(limits, boot);
  out.add(now, limits.hour);
  out.unsaved_ = true;
  return out;
}

}  // namespace khuoi::radio
