#pragma once

#include "sync/base/bytes.h"

namespace khuoi::sync {

/// One character as the codec sees it: an octet (0..255), or one of the 134 Vietnamese letters outside ASCII
/// (256..389, lower case first). The table is pinned here, because a library's Unicode tables change with its version
/// and both ends must agree for ever.
using Character = std::uint16_t;
inline constexpr Character vietnamese_letters = 67;
inline constexpr Character first_lower = 256;
inline constexpr Character first_upper = first_lower + vietnamese_letters;
inline constexpr Character characters = first_upper + vietnamese_letters;

struct CharacterAt {
  Character character = 0;
  std::uint8_t octets = 1;
};
/// The character that `text` starts with; text is not empty. What is not a letter of the table is taken as one octet.
CharacterAt character_at(std::string_view text);
void append_character(std::string& to, Character character);

inline bool is_digit(char octet) { return octet >= '0' && octet <= '9'; }

/// ASCII letters, the table's letters, and every other octet from 0x80 on: words of any script hold together.
inline bool is_letter(Character character) {
  return character >= 0x80 || (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}
inline bool is_upper(Character character) { return (character >= 'A' && character <= 'Z') || character >= first_upper; }
inline bool is_lower(Character character) {
  return (character >= 'a' && character <= 'z') || (character >= first_lower && character < first_upper);
}
inline Character lower(Character character) {
  if (character >= first_upper) return static_cast<Character>(character - vietnamese_letters);
  return character >= 'A' && character <= 'Z' ? static_cast<Character>(character + 32) : character;
}
inline Character upper(Character character) {
  if (character >= first_lower && character < first_upper)
    return static_cast<Character>(character + vietnamese_letters);
  return character >= 'a' && character <= 'z' ? static_cast<Character>(character - 32) : character;
}

}  // namespace khuoi::sync
