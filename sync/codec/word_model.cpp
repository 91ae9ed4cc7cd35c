#include "sync/codec/word_model.h"

#include "sync/codec/context_kinds.h"
#include "sync/codec/value_tokens.h"

namespace khuoi::sync {
namespace {

/// A word's note: its core's symbol and its shape.
constexpr std::uint32_t shape_bits = 4;
Symbol core_of(std::uint32_t note) { return note >> shape_bits; }
std::uint32_t shape_in(std::uint32_t note) { return note & ((1U << shape_bits) - 1); }

}  // namespace

Symbol WordModel::intern_word(std::string_view text) {
  const Symbol token = symbols_.intern(SymbolKind::token, text);
  if (symbols_.note(token) != 0) return token;
  const bool space = text[0] == ' ';
  const std::string word(space ? text.substr(1) : text);
  std::string core;
  bool all_lower = true;
  bool all_upper = true;
  bool title_case = true;
  bool first = true;
  for (std::size_t at = 0; at < word.size();) {
    const CharacterAt here = character_at(std::string_view(word).substr(at));
    at += here.octets;
    const Character small = sync::lower(here.character);
    const bool is_small = small == here.character;
    const bool is_big = sync::upper(small) == here.character;
    all_lower = all_lower && is_small;
    all_upper = all_upper && is_big;
    title_case = title_case && (first ? is_big : is_small);
    first = false;
    append_character(core, small);
  }
  const Shape letter_case = all_lower    ? Shape::small_letters
                            : title_case ? Shape::title
                            : all_upper  ? Shape::capitals
                                         : Shape::mixed;
  const Symbol core_symbol = symbols_.intern(SymbolKind::core, letter_case == Shape::mixed ? word : core);
  symbols_.set_note(token, (core_symbol << shape_bits) | letter_case | (space ? Shape::spaced : 0U));
  return token;
}

Symbol WordModel::join(std::uint32_t shape, Symbol core) {
  std::string out((shape & Shape::spaced) != 0 ? " " : "");
  const std::string_view letters = symbols_.text(core);
  const std::uint32_t letter_case = shape & 3U;
  bool first = true;
  for (std::size_t at = 0; at < letters.size(); first = false) {
    const CharacterAt here = character_at(letters.substr(at));
    at += here.octets;
    const bool big = letter_case == Shape::capitals || (letter_case == Shape::title && first);
    append_character(out, big ? upper(here.character) : here.character);
  }
  return intern_word(out);
}

std::uint32_t WordModel::shape_of(Symbol token) const {
  switch (token) {
    case fixed::end:
      return Shape::end;
    case fixed::digits:
      return Shape::digits;
    case fixed::hex:
      return Shape::hex;
    case fixed::uuid:
      return Shape::uuid;
    default:
      break;
  }
  if (symbols_.is(token, SymbolKind::token)) return shape_in(symbols_.note(token));
  return symbols_.is(token, SymbolKind::reference) ? Shape::reference : Shape::punctuation;
}

std::uint32_t WordModel::core_part(Symbol token) const {
  if (!symbols_.is(token, SymbolKind::token)) return context_part(symbols_, token);
  return symbols_.hash(core_of(symbols_.note(token)));
}

Symbol WordModel::code(Symbol token, Symbol before, std::uint32_t references, std::uint32_t& reference_at) {
  const std::uint32_t shape_before = shape_of(before);
  const std::uint32_t core_before = core_part(before);
  const std::uint32_t punctuation_before = shape_before == Shape::punctuation ? core_before : 0;
  Symbol shape = coder_.decoding() ? 0 : fixed::shape_first + shape_of(token);
  shape =
      coder_.code(std::array{context_key(number(Ctx::shape), shape_before, punctuation_before),
                             context_key(number(Ctx::shape_any), 0)},
                  shape, [&](Symbol s) { return fixed::shape_first + coder_.uniform(s - fixed::shape_first, shapes); });
  if (shape < fixed::shape_first || shape >= fixed::shape_first + shapes) {
    coder_.set_failed();
    return fixed::end;
  }
  switch (shape -= fixed::shape_first) {
    case Shape::end:
      return fixed::end;
    case Shape::digits:
      return fixed::digits;
    case Shape::hex:
      return fixed::hex;
    case Shape::uuid:
      return fixed::uuid;
    case Shape::reference:
      if (references == 0) {
        coder_.set_failed();
        return fixed::end;
      }
      reference_at = coder_.uniform(reference_at, references);
      return no_symbol;
    case Shape::punctuation:
      return coder_.code(
          std::array{context_key(number(Ctx::mark_after), core_before), context_key(number(Ctx::mark_any), 0)}, token,
          [&](Symbol s) { return coder_.uniform(s, 256); });
    default:
      break;
  }
  const Symbol core = coder_.decoding() ? no_symbol : core_of(symbols_.note(token));
  const Symbol coded =
      coder_.code(std::array{context_key(number(Ctx::word_after), core_before), context_key(number(Ctx::word_any), 0)},
                  core, [&](Symbol s) { return spell_symbol(SymbolKind::core, s); });
  if (!coder_.decoding()) return token;
  if (!symbols_.is(coded, SymbolKind::core) || symbols_.text(coded).empty()) {
    coder_.set_failed();
    return fixed::end;
  }
  return join(shape, coded);
}

void WordModel::learn(std::string_view text) {
  Symbol before = fixed::unknown;
  while (!text.empty()) {
    const Token token = token_at(text, false);
    text.remove_prefix(token.text.size());
    Symbol symbol = fixed::digits;
    if (token.kind == Token::Kind::word) {
      symbol = intern_word(token.text);
    } else if (token.kind == Token::Kind::punctuation) {
      symbol = static_cast<std::uint8_t>(token.text[0]);
    }
    std::uint32_t unused = 0;
    before = code(symbol, before, 0, unused);
  }
}

std::string WordModel::spell(SymbolKind kind, std::string_view text) {
  std::string out;
  const std::uint32_t base = number(Ctx::spell) + static_cast<std::uint32_t>(kind);
  std::uint32_t one = fixed::end_of_text;
  std::uint32_t two = fixed::end_of_text;
  std::uint32_t three = fixed::end_of_text;
  while (!coder_.failed()) {
    Symbol character = fixed::end_of_text;
    if (!text.empty()) {
      const CharacterAt at = character_at(text);
      character = at.character;
      text.remove_prefix(at.octets);
    }
    character = coder_.code(std::array{context_key(base, one, two, three), context_key(base, one, two, 1000),
                                       context_key(base, one, 1000, 1000), context_key(base, 1000, 1000, 1000)},
                            character, [&](Symbol s) { return coder_.uniform(s, characters + 1U); });
    if (character >= fixed::end_of_text) break;
    append_character(out, static_cast<Character>(character));
    three = two;
    two = one;
    one = character;
  }
  return out;
}

Symbol WordModel::spell_symbol(SymbolKind kind, Symbol symbol) {
  if (coder_.decoding()) return symbols_.intern(kind, spell(kind, {}));
  if (coder_.learning()) {
    // The note of a core or a piece says that it was spelled already.
    if (symbols_.note(symbol) != 0) return symbol;
    symbols_.set_note(symbol, 1);
  }
  spell(kind, std::string(symbols_.text(symbol)));
  return symbol;
}

}  // namespace khuoi::sync
