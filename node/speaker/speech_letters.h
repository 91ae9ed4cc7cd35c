#pragma once

#include <string>
#include <string_view>

namespace khuoi::speaker {

/// One character of UTF-8 at the start of a text; a stray octet is U+FFFD of length 1.
struct Letter {
  char32_t code = 0;
  std::size_t octets = 0;
};
Letter first_letter(std::string_view text);
/// A letter of the Latin script, with its marks (NFC).
bool is_letter(char32_t code);
bool is_upper(char32_t code);
std::string to_lower(std::string_view text);
/// Whether a word in lower case, tone marks and all, can be a syllable of Vietnamese: then it can be read out.
bool is_syllable(std::string_view lower_case);
/// "bhyt" → "bê hát i dài tê".
std::string spelled(std::string_view lower_case);

}  // namespace khuoi::speaker
