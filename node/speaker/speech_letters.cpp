#include "node/speaker/speech_letters.h"

#include <algorithm>
#include <array>

#include "node/speaker/spoken_tables.h"

namespace khuoi::speaker {

namespace {

void put(std::string& to, char32_t code) {
  if (code < 0x80) {
    to += static_cast<char>(code);
  } else if (code < 0x800) {
    to += static_cast<char>(0xC0U | (code >> 6U));
    to += static_cast<char>(0x80U | (code & 0x3FU));
  } else {
    to += static_cast<char>(0xE0U | (code >> 12U));
    to += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
    to += static_cast<char>(0x80U | (code & 0x3FU));
  }
}

/// Of the letters that Vietnamese uses; others stay.
char32_t lower(char32_t code) {
  if (code >= U'A' && code <= U'Z') return code + 32;
  if (code >= 0xC0 && code <= 0xDE && code != 0xD7) return code + 32;
  const bool pairs = (code >= 0x100 && code <= 0x137) || (code >= 0x1A0 && code <= 0x1A4) || (code >= 0x1EA0 && code <= 0x1EF9);
  if (pairs) return code | 1U;
  return code == 0x1AF ? 0x1B0 : code;
}

/// Without its marks, "đ" kept apart as 'D'; 0 for what Vietnamese does not write.
char bare(char32_t code) {
  constexpr std::array<std::pair<std::u32string_view, char>, 7> families = {{
      {U"aàảãáạăằẳẵắặâầẩẫấậ", 'a'}, {U"eèẻẽéẹêềểễếệ", 'e'}, {U"iìỉĩíị", 'i'}, {U"oòỏõóọôồổỗốộơờởỡớợ", 'o'},
      {U"uùủũúụưừửữứự", 'u'}, {U"yỳỷỹýỵ", 'y'}, {U"đ", 'D'}}};
  for (const auto& [letters, plain] : families) {
    if (letters.find(code) != std::u32string_view::npos) return plain;
  }
  const bool consonant = code > U'a' && code <= U'x' && code != U'f' && code != U'j' && code != U'w';
  return consonant ? static_cast<char>(code) : '\0';
}

constexpr std::array<std::string_view, 28> onsets = {"ngh", "ng", "nh", "ch", "gh", "gi", "kh", "ph", "qu", "th",
                                                     "tr",  "b",  "c",  "d",  "D",  "g",  "h",  "k",  "l",  "m",
                                                     "n",   "p",  "r",  "s",  "t",  "v",  "x",  ""};
constexpr std::array<std::string_view, 9> codas = {"ng", "nh", "ch", "c", "m", "n", "p", "t", ""};

}  // namespace

Letter first_letter(std::string_view text) {
  if (text.empty()) return {};
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = octet(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t octets = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  if (octets == 0 || text.size() < octets) return {0xFFFD, 1};
  char32_t code = lead & (0xFFU >> (octets + 1));
  for (std::size_t i = 1; i < octets; ++i) {
    if ((octet(i) & 0xC0U) != 0x80) return {0xFFFD, 1};
    code = (code << 6U) | (octet(i) & 0x3FU);
  }
  return {code, octets};
}

bool is_letter(char32_t code) {
  return (code >= U'a' && code <= U'z') || (code >= U'A' && code <= U'Z') ||
         (code >= 0xC0 && code <= 0x24F && code != 0xD7 && code != 0xF7) || (code >= 0x1E00 && code <= 0x1EFF);
}

bool is_upper(char32_t code) { return is_letter(code) && lower(code) != code; }

std::string to_lower(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Letter letter = first_letter(text);
    put(out, lower(letter.code));
    text.remove_prefix(letter.octets);
  }
  return out;
}

bool is_syllable(std::string_view lower_case) {
  std::string plain;
  for (std::string_view left = lower_case; !left.empty();) {
    const Letter letter = first_letter(left);
    const char one = bare(letter.code);
    if (one == '\0') return false;
    plain += one;
    left.remove_prefix(letter.octets);
  }
  const auto is_nucleus = [](std::string_view text) {
    return !text.empty() && text.size() <= 3 && text.find_first_not_of("aeiouy") == std::string_view::npos;
  };
  return std::ranges::any_of(onsets, [&](std::string_view onset) {
    if (!std::string_view(plain).starts_with(onset)) return false;
    const std::string_view rest = std::string_view(plain).substr(onset.size());
    // "gì", "gìn": the i of the onset is the vowel as well.
    const std::string_view sounded = onset == "gi" && !rest.empty() && !is_nucleus(rest.substr(0, 1))
                                         ? std::string_view(plain).substr(1)
                                         : rest;
    return std::ranges::any_of(codas, [&](std::string_view coda) {
      return sounded.ends_with(coda) && is_nucleus(sounded.substr(0, sounded.size() - coda.size()));
    });
  });
}

std::string spelled(std::string_view lower_case) {
  std::string out;
  while (!lower_case.empty()) {
    const Letter letter = first_letter(lower_case);
    const std::string_view one = lower_case.substr(0, letter.octets);
    const auto* found = std::ranges::find(letter_names, one, &Spoken::written);
    if (!out.empty()) out += " ";
    out += found == letter_names.end() ? one : found->said;
    lower_case.remove_prefix(letter.octets);
  }
  return out;
}

}  // namespace khuoi::speaker
