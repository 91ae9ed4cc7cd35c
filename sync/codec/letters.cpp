#include "sync/codec/letters.h"

namespace khuoi::sync {
namespace {

struct Pairs {
  std::array<char16_t, vietnamese_letters> lower{};
  std::array<char16_t, vietnamese_letters> upper{};
};

/// À Á Â Ã È É Ê Ì Í Ò Ó Ô Õ Ù Ú Ý, Ă Đ Ĩ Ũ Ơ Ư, and Ạ (U+1EA0) to Ỹ (U+1EF9), where capitals are even.
constexpr Pairs make_pairs() {
  Pairs pairs;
  std::size_t at = 0;
  const auto put = [&](char16_t upper_case, char16_t lower_case) {
    pairs.upper[at] = upper_case;
    pairs.lower[at] = lower_case;
    ++at;
  };
  for (const int letter :
       {0xC0, 0xC1, 0xC2, 0xC3, 0xC8, 0xC9, 0xCA, 0xCC, 0xCD, 0xD2, 0xD3, 0xD4, 0xD5, 0xD9, 0xDA, 0xDD}) {
    put(static_cast<char16_t>(letter), static_cast<char16_t>(letter + 0x20));
  }
  for (const int letter : {0x102, 0x110, 0x128, 0x168, 0x1A0, 0x1AF}) {
    put(static_cast<char16_t>(letter), static_cast<char16_t>(letter + 1));
  }
  for (char16_t letter = 0x1EA0; letter <= 0x1EF8; letter = static_cast<char16_t>(letter + 2)) {
    put(letter, static_cast<char16_t>(letter + 1));
  }
  return pairs;
}
constexpr Pairs pairs = make_pairs();

/// Code points of two octets are below U+0200 here, those of three lie in U+1EA0..U+1EFF.
struct Lookup {
  std::array<Character, 0x200> low{};
  std::array<Character, 0x60> high{};
};
constexpr Lookup make_lookup() {
  Lookup lookup;
  for (std::size_t at = 0; at < vietnamese_letters; ++at) {
    for (const bool upper_case : {false, true}) {
      const char16_t letter = upper_case ? pairs.upper[at] : pairs.lower[at];
      const auto character = static_cast<Character>((upper_case ? first_upper : first_lower) + at);
      if (letter < 0x200) {
        lookup.low[letter] = character;
      } else {
        lookup.high[letter - 0x1EA0U] = character;
      }
    }
  }
  return lookup;
}
constexpr Lookup lookup = make_lookup();

}  // namespace

CharacterAt character_at(std::string_view text) {
  const auto octet = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
  const std::uint8_t first = octet(0);
  if (first >= 0xC3 && first <= 0xC7 && text.size() >= 2 && (octet(1) & 0xC0U) == 0x80U) {
    const Character found = lookup.low[((first & 0x1FU) << 6U) | (octet(1) & 0x3FU)];
    if (found != 0) return {found, 2};
  }
  if (first == 0xE1 && text.size() >= 3 && (octet(1) & 0xC0U) == 0x80U && (octet(2) & 0xC0U) == 0x80U) {
    const unsigned point = 0x1000U | ((octet(1) & 0x3FU) << 6U) | (octet(2) & 0x3FU);
    if (point >= 0x1EA0 && point < 0x1F00 && lookup.high[point - 0x1EA0] != 0) return {lookup.high[point - 0x1EA0], 3};
  }
  return {first, 1};
}

void append_character(std::string& to, Character character) {
  if (character < first_lower) {
    to.push_back(static_cast<char>(character));
    return;
  }
  const unsigned point =
      character < first_upper ? pairs.lower[character - first_lower] : pairs.upper[character - first_upper];
  if (point < 0x800) {
    to.push_back(static_cast<char>(0xC0U | (point >> 6U)));
  } else {
    to.push_back(static_cast<char>(0xE0U | (point >> 12U)));
    to.push_back(static_cast<char>(0x80U | ((point >> 6U) & 0x3FU)));
  }
  to.push_back(static_cast<char>(0x80U | (point & 0x3FU)));
}

}  // namespace khuoi::sync
