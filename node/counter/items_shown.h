#pragma once

#include "node/web_server/message.h"

namespace khuoi::http {

/// How many announcements, documents, messages (the newest) or next visits (the earliest) a list shows, unless it is asked
/// for more; and at most.
inline constexpr std::size_t items_shown_first = 50;
inline constexpr std::size_t items_shown_max = 1000;
/// As `?count=` says. Errors: usage.
Result<std::size_t> items_asked_for(const Request& request);

}  // namespace khuoi::http
