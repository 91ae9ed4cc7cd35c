#pragma once

#include "sync/codec/symbol_coder.h"

namespace khuoi::sync {

/// Fixed symbols for what is not a text, between the characters and symbol_first.
namespace fixed {
inline constexpr Symbol end_of_text = characters;  // 390
inline constexpr Symbol shape_first = 400;         // see WordModel
inline constexpr Symbol end = 420;
inline constexpr Symbol digits = 421;
inline constexpr Symbol hex = 422;
inline constexpr Symbol uuid = 423;
inline constexpr Symbol unknown = 424;  // before the first token; where a dictionary has a hole
inline constexpr Symbol kind_tokens = 430;
inline constexpr Symbol kind_seen = 431;
inline constexpr Symbol kind_time = 432;
}  // namespace fixed

/// The part of a context a symbol makes: the same at both ends.
inline std::uint32_t context_part(const Symbols& symbols, Symbol symbol) {
  return symbol < symbol_first ? symbol : symbols.hash(symbol);
}

/// What all fields share: how texts are spelled, and which word follows which whatever the field.
/// A word is its shape (letter case, a space before it or not) and its core (the letters in lower case).
class WordModel final {
 public:
  WordModel(SymbolCoder& coder, Symbols& symbols) : coder_(coder), symbols_(symbols) {}

  /// The token symbol of a word's text.
  Symbol intern_word(std::string_view text);

  /// Codes a token that no context of its field knew. `references`: how many earlier values of the record could be
  /// named; `reference_at` is the index of the one named, when the token is a reference. Returns the token, or for a
  /// reference sets reference_at and returns no_symbol.
  Symbol code(Symbol token, Symbol before, std::uint32_t references, std::uint32_t& reference_at);
  /// Teaches the words of a running text.
  void learn(std::string_view text);

  /// Codes a text character by character, after up to three characters before; `kind` keeps alphabets apart.
  std::string spell(SymbolKind kind, std::string_view text);
  /// spell() for a text that becomes a symbol; when learning, each is spelled only once.
  Symbol spell_symbol(SymbolKind kind, Symbol symbol);

 private:
  enum Shape : std::uint32_t {
    small_letters,
    title,
    capitals,
    mixed,
    spaced = 4,
    punctuation = 8,
    end,
    digits,
    hex,
    uuid,
    reference
  };
  static constexpr std::uint32_t shapes = 14;

  [[nodiscard]] std::uint32_t shape_of(Symbol token) const;
  [[nodiscard]] std::uint32_t core_part(Symbol token) const;
  Symbol join(std::uint32_t shape, Symbol core);

  SymbolCoder& coder_;
  Symbols& symbols_;
};

}  // namespace khuoi::sync
