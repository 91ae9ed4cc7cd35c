#include "sync/codec/symbols.h"

namespace khuoi::sync {
namespace {

constexpr std::uint32_t none = 0xffffffffU;

}  // namespace

Symbols::Symbols() : table_(2048, none) {}

std::uint32_t Symbols::hash_of(SymbolKind kind, std::string_view text) {
  std::uint32_t hash = 0x811C9DC5U ^ static_cast<std::uint32_t>(kind);  // FNV-1a, then mixed
  for (const char octet : text) hash = (hash ^ static_cast<std::uint8_t>(octet)) * 0x01000193U;
  hash = (hash ^ (hash >> 16U)) * 0x85EBCA6BU;
  return hash ^ (hash >> 13U);
}

std::size_t Symbols::place_of(std::uint32_t hash, SymbolKind kind, std::string_view text) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t at = hash & mask;
  while (table_[at] != none) {
    const Item& item = items_[table_[at]];
    if (item.hash == hash && item.kind == kind && text == std::string_view(texts_).substr(item.offset, item.octets)) {
      break;
    }
    at = (at + 1) & mask;
  }
  return at;
}

Symbol Symbols::find(SymbolKind kind, std::string_view text) const {
  const std::uint32_t item = table_[place_of(hash_of(kind, text), kind, text)];
  return item == none ? no_symbol : symbol_first + item;
}

Symbol Symbols::intern(SymbolKind kind, std::string_view text) {
  const std::uint32_t hash = hash_of(kind, text);
  std::size_t at = place_of(hash, kind, text);
  if (table_[at] == none) {
    if ((items_.size() + 1) * 2 > table_.size()) {
      grow_table();
      at = place_of(hash, kind, text);
    }
    table_[at] = static_cast<std::uint32_t>(items_.size());
    items_.push_back(
        {hash, static_cast<std::uint32_t>(texts_.size()), static_cast<std::uint32_t>(text.size()), 0, kind});
    texts_.append(text);
  }
  return symbol_first + table_[at];
}

std::string_view Symbols::text(Symbol symbol) const {
  const Item& item = items_[symbol - symbol_first];
  return std::string_view(texts_).substr(item.offset, item.octets);
}

void Symbols::grow_table() {
  table_.assign(table_.size() * 2, none);
  const std::size_t mask = table_.size() - 1;
  for (std::size_t item = 0; item < items_.size(); ++item) {
    std::size_t at = items_[item].hash & mask;
    while (table_[at] != none) at = (at + 1) & mask;
    table_[at] = static_cast<std::uint32_t>(item);
  }
}

void Symbols::freeze() {
  items_frozen_ = items_.size();
  texts_frozen_ = texts_.size();
}

void Symbols::roll_back() {
  // Newest first, so that no chain of the table is cut before its end.
  const std::size_t mask = table_.size() - 1;
  while (items_.size() > items_frozen_) {
    const auto item = static_cast<std::uint32_t>(items_.size() - 1);
    std::size_t at = items_.back().hash & mask;
    while (table_[at] != item) at = (at + 1) & mask;
    table_[at] = none;
    items_.pop_back();
  }
  texts_.resize(texts_frozen_);
}

std::size_t Symbols::octets_used() const {
  return table_.capacity() * sizeof(std::uint32_t) + items_.capacity() * sizeof(Item) + texts_.capacity();
}

}  // namespace khuoi::sync
