#pragma once

#include "tests/bench/radio/sheet.h"

namespace khuoi::bench {

/// Rows of one kind each. Goals: those of the project's table for radio.
void record_rows(Sheet& sheet, const Homes& homes);     ///< one submission, 200 octets, 20 at once; warm and cold
void lossy_rows(Sheet& sheet, const Homes& homes);      ///< the same 20, and 10 KB, with frames lost
void hour_rows(Sheet& sheet, const Homes& homes);       ///< what fits into an hour, and an hour without a word
void power_rows(Sheet& sheet, const Homes& homes);      ///< ten hamlets whose power returns
void broadcast_rows(Sheet& sheet, const Homes& homes);  ///< what goes to ten hamlets at once
void relay_rows(Sheet& sheet, const Homes& homes);      ///< a hamlet that only its neighbour hears
void planted_rows(Sheet& sheet, const Homes& homes);    ///< bugs that the checks have to find

}  // namespace khuoi::bench
