#include "sync/merge/slots.h"

namespace khuoi::sync {

namespace {
constexpr std::int64_t day_seconds = 86400;
constexpr std::int64_t stick_seconds_max = 31 * day_seconds;

struct LocalTime {
  std::int64_t day = 0;
  std::int64_t second = 0;  ///< of the day
};
LocalTime local_time(const SpeakingTimes& times, UnixSeconds at) {
  const std::int64_t local = at.value + std::int64_t{times.utc_offset} * 60;
  LocalTime out{local / day_seconds, local % day_seconds};
  if (out.second < 0) {
    out.second += day_seconds;
    --out.day;
  }
  return out;
}
}  // namespace

bool make_sense(const SpeakingTimes& times) {
  return times.noon >= 0 && times.lasts > 0 && times.noon + times.lasts <= times.afternoon &&
         times.afternoon + times.lasts <= 24 * 60 && times.utc_offset >= -12 * 60 && times.utc_offset <= 14 * 60;
}

std::optional<SpeakingSlot> slot_at(const SpeakingTimes& times, UnixSeconds at) {
  const LocalTime local = local_time(times, at);
  const std::int64_t minute = local.second / 60;
  if (minute >= times.noon && minute < times.noon + times.lasts) return SpeakingSlot{2 * local.day};
  if (minute >= times.afternoon && minute < times.afternoon + times.lasts) return SpeakingSlot{2 * local.day + 1};
  return std::nullopt;
}

UnixSeconds start_of(const SpeakingTimes& times, SpeakingSlot slot) {
  const std::int64_t day = slot.is_afternoon() ? (slot.number - 1) / 2 : slot.number / 2;
  const std::int64_t minute = slot.is_afternoon() ? times.afternoon : times.noon;
  return {day * day_seconds + (minute - times.utc_offset) * 60};
}

SpeakingSlot slot_after(const SpeakingTimes& times, UnixSeconds at) {
  SpeakingSlot slot{2 * (local_time(times, at).day)};
  while (start_of(times, slot) <= at) ++slot.number;
  return slot;
}

UnixSeconds speaking_clock(UnixSeconds trusted, bool is_live, UnixSeconds wall) {
  if (is_live || wall < trusted || wall.value - trusted.value > stick_seconds_max) return trusted;
  return wall;
}

}  // namespace khuoi::sync
