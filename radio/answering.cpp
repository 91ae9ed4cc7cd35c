#include "radio/answering.h"

#include <algorithm>
#include <utility>

namespace khuoi::radio {

bool Answering::ready() const {
  const Association* with = owed_with();
  return with != nullptr && !with->in.committing() && !with->in.may_hand_up();
}

bool Answering::hands_up() const {
  const Association* with = owed_with();
  return with != nullptr && with->in.may_hand_up();
}

std::optional<RadioWork::Arrived> Answering::take_arrived(RadioAlias alias) {
  Association* with = owed_with();
  auto ready = with != nullptr ? with->in.hand_up() : std::nullopt;
  if (!ready) return std::nullopt;
  return RadioWork::Arrived{alias, with->id, ready->frames, std::move(ready->octets), all_.frames().note_octets_max()};
}

bool Answering::its_word_was_urgent() const {
  const Association* with = in();
  return with != nullptr && (with->in.newest_flags() & stream_flag::urgent) != 0;
}

std::size_t Answering::octets(const Grant& grant) const {
  return all_.frames().answer_octets(*in(), in() != all_.pending(), grant);
}

Bytes Answering::say(const Grant& grant) {
  owed_in_ = 0;
  in()->in.grant(grant.frames);
  return all_.frames().answer(*in(), in() != all_.pending(), grant);
}

std::uint8_t Answering::frames_wanted(std::uint8_t most) const {
  const Association* with = in();
  if (with == nullptr || with->relayed || with->in.complete()) return 0;
  const bool all_came = (with->in.newest_flags() & (stream_flag::last | stream_flag::more)) == stream_flag::last;
  return static_cast<std::uint8_t>(all_came ? std::min<std::uint32_t>(with->in.missing(), most) : most);
}

bool Answering::begins_burst() {
  Association* with = in();
  if (with == nullptr || with->relayed || (with->in.newest_flags() & stream_flag::last) != 0) return false;
  with->in.grant(grant_frames_alone);
  return true;
}

unsigned Answering::left_of_burst() const { return in() == nullptr ? 0 : in()->in.left_of_burst(); }

}  // namespace khuoi::radio
