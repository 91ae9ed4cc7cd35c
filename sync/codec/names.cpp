#include "sync/codec/names.h"

#include <algorithm>

#include "sync/codec/letters.h"
#include "sync/codec/value_tokens.h"

namespace khuoi::sync {
namespace {

/// The letters of letters.cpp without their marks, in its order.
constexpr std::string_view plain_letters =
    "aaaaeeeiioooouuy"
    "adiuou"
    "aaaaaaaaaaaaeeeeeeeeiioooooooooooouuuuuuuyyyy";
static_assert(plain_letters.size() == vietnamese_letters);

/// U+0300..U+036F in UTF-8.
bool is_combining_mark(std::string_view text) {
  if (text.size() < 2) return false;
  const auto first = static_cast<std::uint8_t>(text[0]);
  const auto second = static_cast<std::uint8_t>(text[1]);
  return (first == 0xCC && second >= 0x80 && second <= 0xBF) || (first == 0xCD && second >= 0x80 && second <= 0xAF);
}

bool begins_with_capital(std::string_view word) {
  return is_upper(character_at(word.substr(word[0] == ' ' ? 1 : 0)).character);
}

}  // namespace

std::string folded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (is_combining_mark(text)) {
      text.remove_prefix(2);
      continue;
    }
    const CharacterAt here = character_at(text);
    const Character small = lower(here.character);
    if (small >= first_lower) {
      out.push_back(plain_letters[small - first_lower]);
    } else {
      out.push_back(static_cast<char>(small));
    }
    text.remove_prefix(here.octets);
  }
  return out;
}

std::vector<std::string_view> names_in(std::string_view text) {
  std::vector<std::string_view> out;
  std::string_view name;
  std::size_t words = 0;
  const auto end_name = [&] {
    if (words >= 2) out.push_back(name);
    words = 0;
  };
  while (!text.empty()) {
    const Token token = token_at(text, false);
    text.remove_prefix(token.text.size());
    const bool spaced = token.text[0] == ' ';
    if (token.kind != Token::Kind::word || !begins_with_capital(token.text)) {
      end_name();
    } else if (words > 0 && spaced) {
      name = {name.data(), name.size() + token.text.size()};
      ++words;
    } else {
      end_name();
      name = token.text.substr(spaced ? 1 : 0);
      words = 1;
    }
  }
  end_name();
  return out;
}

bool is_name(std::string_view text) {
  const auto names = names_in(text);
  return names.size() == 1 && names[0].size() == text.size();
}

std::size_t words_of(std::string_view name) {
  return static_cast<std::size_t>(std::count(name.begin(), name.end(), ' ')) + 1;
}

}  // namespace khuoi::sync
