#pragma once

#include "sync/base/bytes.h"
#include "sync/codec/letters.h"

namespace khuoi::sync {

/// Numbers for what is counted. Below symbol_first they are fixed: characters, lengths and the marks of each kind;
/// from there on they name texts of the symbol table.
using Symbol = std::uint32_t;
inline constexpr Symbol no_symbol = 0xffffffffU;
inline constexpr Symbol symbol_first = 512;

/// What a text stands for; equal texts of different kinds are different symbols.
enum class SymbolKind : std::uint8_t { piece, tail, token, core, value, zone, reference };

/// Texts and their numbers. A text's hash depends on its octets only, so contexts made of hashes are the same at both
/// ends even where a number differs.
class Symbols final {
 public:
  Symbols();
  /// The text's symbol, new if need be.
  Symbol intern(SymbolKind kind, std::string_view text);
  [[nodiscard]] Symbol find(SymbolKind kind, std::string_view text) const;  // no_symbol if unknown
  /// Views and numbers of symbols made after freeze() end with roll_back().
  [[nodiscard]] std::string_view text(Symbol symbol) const;
  [[nodiscard]] std::uint32_t hash(Symbol symbol) const { return items_[symbol - symbol_first].hash; }
  [[nodiscard]] bool is(Symbol symbol, SymbolKind kind) const {
    return symbol >= symbol_first && symbol < size() && items_[symbol - symbol_first].kind == kind;
  }
  /// One number kept with each symbol for whoever made it; 0 at first.
  [[nodiscard]] std::uint32_t note(Symbol symbol) const { return items_[symbol - symbol_first].note; }
  void set_note(Symbol symbol, std::uint32_t note) { items_[symbol - symbol_first].note = note; }
  [[nodiscard]] Symbol size() const { return symbol_first + static_cast<Symbol>(items_.size()); }

  void freeze();
  void roll_back();
  [[nodiscard]] std::size_t octets_used() const;

 private:
  struct Item {
    std::uint32_t hash;
    std::uint32_t offset;
    std::uint32_t octets;
    std::uint32_t note;
    SymbolKind kind;
  };
  static std::uint32_t hash_of(SymbolKind kind, std::string_view text);
  [[nodiscard]] std::size_t place_of(std::uint32_t hash, SymbolKind kind, std::string_view text) const;
  void grow_table();

  std::vector<std::uint32_t> table_;  // index into items_, or none
  std::vector<Item> items_;
  std::string texts_;
  std::size_t items_frozen_ = 0;
  std::size_t texts_frozen_ = 0;
};

}  // namespace khuoi::sync
