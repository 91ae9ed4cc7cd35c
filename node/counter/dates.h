#pragma once

#include <string>

#include "sync/base/time.h"

namespace khuoi::http {

/// "2026-01-31" at +07:00, the time of all of Vietnam, without summer time, whatever this machine's own zone is.
std::string date_text(UnixSeconds at);

}  // namespace khuoi::http
