#pragma once

#include <boost/json/fwd.hpp>
#include <string_view>
#include <vector>

#include "node/engine/engine.h"
#include "sync/bulletin/announcer.h"

namespace khuoi::speaker {

/// Where an announcement stands at this box, for people.
enum class Standing : std::uint8_t {
  waiting,  ///< it will speak by itself
  played,   ///< and will not by itself again
  expired,  ///< it came too late, or nobody was there
  held,     ///< it speaks only when a person presses play, or not at all: see Why
  no_sound, ///< its time came, and nobody could hear it so far: see Why
};
std::string_view name_of(Standing standing);

enum class Why : std::uint8_t {
  nothing,
  time_unknown,   ///< no trusted time since this start: a person decides
  not_issued,     ///< it is meant for later
  not_approved,   ///< an emergency without two officers in force
  no_slot,        ///< the commune named no slot
  without_sense,  ///< its times or its signature
  tried_again,    ///< there was no sound: it is tried again by itself
  gave_up,        ///< ten times there was no sound
};
/// A sentence, empty for `nothing`.
std::string_view in_english(Why why);
std::string_view in_vietnamese(Why why);

struct Listed {
  sync::AnnouncementEntry entry;
  Standing standing = Standing::waiting;
  Why why = Why::nothing;
};

/// As lists give it, but for `why`, which is in the language of who reads the list.
boost::json::object json_of_listed(const Listed& one);

/// Of more announcements nobody looks whether they are to be shown.
inline constexpr std::size_t announcements_looked_at_max = 1000;
/// What was announced to this hamlet and has not been over for a month, the newest first by the commune's own order of
/// writing, at most so many. Needs no key: announcements are public. Errors: the store's.
Result<std::vector<Listed>> list_announcements(node::Engine& engine, const sync::SpeakingTimes& times,
                                               std::size_t count_max = announcements_looked_at_max);
/// How many of the newest 200 of which nobody told that they were heard neither were nor are over.
Result<std::uint64_t> count_unheard(node::Engine& engine, const sync::SpeakingTimes& times);
/// The one whose id begins with these hexadecimal digits, six at least. Errors: usage (several do, or too few),
/// not_found.
Result<Listed> announcement_named(node::Engine& engine, const sync::SpeakingTimes& times, std::string_view digits);

}  // namespace khuoi::speaker
