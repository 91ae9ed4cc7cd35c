#pragma once

#include <string>
#include <string_view>

namespace khuoi::speaker {

/// A text as people write it, turned into words that a Vietnamese voice reads right: numbers, dates, times, money, units
/// and abbreviations spelled out, capitals made small, signs that nobody says dropped. Lower case, one paragraph a line,
/// only letters, spaces, and the pauses `,` `.` `?` `!`. Whatever octets come in, so that no voice's own commands ([[…]],
/// <…>) pass through it. Deterministic; any thread.
std::string text_for_speech(std::string_view text);

}  // namespace khuoi::speaker
