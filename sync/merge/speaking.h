#pragma once

#include "sync/record/record.h"

namespace khuoi::sync {

/// What a box may do with an announcement now, design section 7. A loudspeaker never says what the commune did not, nor
/// what it said long ago.
enum class Speak : std::uint8_t {
  at_once,       ///< an emergency
  at_slot,       ///< in the next of its daily slots
  by_a_person,   ///< nobody can tell that it is still meant: somebody presses play
  no_longer,     ///< expired, or played
  not_yet,       ///< issued later than trusted time: wait
  never,         ///< not approved, not for this hamlet, or with times that make no sense
};

struct SpeakFacts {
  bool approved = false;      ///< an emergency carries two officers' signatures in force
  bool played = false;        ///< in this slot, or, of an emergency, ever
  bool came_live = false;     ///< over a contact that answered this start's fresh nonce
  HamletId here;
  std::optional<UnixSeconds> trusted_time;  ///< the commune's, since this start
};
Speak may_speak(const AnnouncementContent& content, const SpeakFacts& facts);

/// An announcement is believed for at most so long after its issue, whatever expiry it names.
inline constexpr std::int64_t announcement_seconds_max = 30LL * 24 * 3600;

}  // namespace khuoi::sync
