#include <algorithm>

#include "radio/peer.h"

namespace khuoi::radio {

/// Asking first would cost an answer, and nobody else is there to be kept still. Not where the burst would take long,
/// or a grant may name a quicker spreading factor.
bool Peer::bursts_unasked(Instant now) const {
  const Association* with = speaking();
  return !self_.commune && !joining() && !with->relayed && failures() == 0 && with->out.open().empty() &&
         with->out.octets_uncut() > timing_.body_max() && pace_.has_it_alone(now) && timing_.may_burst_unasked();
}

std::uint8_t Peer::frames_wanted(std::uint8_t most) const {
  const Association* with = answering();
  if (with == nullptr || with->relayed || with->in.complete()) return 0;
  const bool all_came = (with->in.newest_flags() & (stream_flag::last | stream_flag::more)) == stream_flag::last;
  return static_cast<std::uint8_t>(all_came ? std::min<std::uint32_t>(with->in.missing(), most) : most);
}

bool Peer::begins_burst() {
  Association* with = answering();
  if (with == nullptr || with->relayed || (with->in.newest_flags() & stream_flag::last) != 0) return false;
  with->in.grant(grant_frames_alone);
  return true;
}

unsigned Peer::left_of_burst() const { return answering() == nullptr ? 0 : answering()->in.left_of_burst(); }

unsigned Peer::burst_spreading_factor(Instant now) const {
  const bool bursts = pace_.in_burst(now) && (now < pace_.burst_from() || next(now) == Next::burst);
  return bursts ? pace_.burst_spreading_factor() : 0;
}

}  // namespace khuoi::radio
