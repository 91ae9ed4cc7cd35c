#pragma once

#include <optional>

#include "sync/base/time.h"

namespace khuoi::sync {

/// The loudspeaker's two slots of a day, in minutes after local midnight.
struct SpeakingTimes {
  int noon = 11 * 60 + 30;
  int afternoon = 17 * 60;
  int lasts = 60;                ///< a box that has power again so many minutes after a slot began still speaks in it
  int utc_offset = 7 * 60;       ///< Vietnam keeps +07:00 all the year
  bool operator==(const SpeakingTimes&) const = default;
};
/// Inside one day, noon before afternoon, and without touching each other.
bool make_sense(const SpeakingTimes& times);

/// A slot since 1970: twice the local day, one more for the afternoon.
struct SpeakingSlot {
  std::int64_t number = 0;
  [[nodiscard]] bool is_afternoon() const { return (number & 1) != 0; }
  auto operator<=>(const SpeakingSlot&) const = default;
};
/// The slot under way at that time.
std::optional<SpeakingSlot> slot_at(const SpeakingTimes& times, UnixSeconds at);
/// When it begins.
UnixSeconds start_of(const SpeakingTimes& times, SpeakingSlot slot);
/// The first slot that begins later than that time.
SpeakingSlot slot_after(const SpeakingTimes& times, UnixSeconds at);

/// Which hour it is, for the slots only; never whether something may be spoken. Trusted time that a stick brought was
/// signed days ago, so that its hour says nothing: then the wall clock counts, unless it is earlier than that or more
/// than a month later, for then it cannot be right.
UnixSeconds speaking_clock(UnixSeconds trusted, bool is_live, UnixSeconds wall);

}  // namespace khuoi::sync
