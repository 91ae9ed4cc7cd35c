#include "sync/merge/speaking.h"

#include <algorithm>

namespace khuoi::sync {

Speak may_speak(const AnnouncementContent& content, const SpeakFacts& facts) {
  const bool for_here = content.to.empty() || std::ranges::find(content.to, facts.here) != content.to.end();
  const bool times_make_sense = content.issued.value > 0 && content.expires > content.issued &&
                                content.expires.value - content.issued.value <= announcement_seconds_max;
  const bool emergency = content.urgency == Urgency::emergency;
  if (!for_here || !times_make_sense || (emergency && !facts.approved)) return Speak::never;
  if (facts.played) return Speak::no_longer;
  if (facts.trusted_time) {
    if (*facts.trusted_time >= content.expires) return Speak::no_longer;
    if (*facts.trusted_time < content.issued) return Speak::not_yet;
  } else if (!facts.came_live) {
    // The box may have been off for a year, and its clock may say 1970: what came on a stick may be an old replay.
    return Speak::by_a_person;
  }
  if (emergency) return Speak::at_once;
  return content.noon || content.afternoon ? Speak::at_slot : Speak::by_a_person;
}

}  // namespace khuoi::sync
