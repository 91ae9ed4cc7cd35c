#pragma once

#include "sync/base/bytes.h"

namespace khuoi::sync {

/// A number for a context, from up to four parts. Two contexts may share a number: both ends then share the mistake,
/// and it costs a fraction of an octet.
constexpr std::uint32_t context_key(std::uint32_t kind, std::uint32_t a, std::uint32_t b = 0, std::uint32_t c = 0) {
  std::uint64_t mix = (kind + 1ULL) * 0x9E3779B97F4A7C15ULL;
  for (const std::uint32_t part : {a, b, c}) {
    mix = (mix ^ (mix >> 32U) ^ part) * 0xD6E8FEB86659FD93ULL;
  }
  return static_cast<std::uint32_t>(mix >> 32U);
}

/// How often each symbol followed each context: an open-addressed table of contexts over one array of entries.
/// It learns freely until freeze(); from then on between mark() and roll_back() only, which undoes every change.
class SymbolCounts final {
 public:
  struct Entry {
    std::uint32_t symbol = 0;
    std::uint32_t count = 0;
  };
  /// Entries of one context, the most frequent of training first. A context never seen has none, and total 0.
  struct Seen {
    const Entry* entries = nullptr;
    std::uint32_t distinct = 0;
    std::uint32_t total = 0;
  };

  SymbolCounts();
  void prefetch(std::uint32_t key) const { __builtin_prefetch(&slots_[index_of(key)]); }
  /// Here, so that it is inlined: it is asked a thousand times a record.
  [[nodiscard]] Seen find(std::uint32_t key) const {
    const Slot& slot = slots_[slot_of(key)];
    if (slot.distinct <= 1) return {&slot.first, slot.distinct, slot.distinct == 0 ? 0 : slot.first.count};
    return {&entries_[slot.first.symbol], slot.distinct, slot.first.count};
  }
  void add(std::uint32_t key, std::uint32_t symbol, std::uint32_t times = 1);

  /// Ends training: sorts entries by frequency and packs both arrays.
  void freeze();
  void roll_back();
  [[nodiscard]] std::size_t octets_used() const;
  [[nodiscard]] std::size_t contexts() const { return contexts_; }

 private:
  /// One entry is kept in the slot itself; more lie at entries_[first.symbol], and first.count is their sum.
  struct Slot {
    std::uint32_t key = 0;
    std::uint16_t distinct = 0;
    std::uint16_t capacity = 0;
    Entry first;
  };
  struct Undo {
    std::uint32_t slot;
    std::uint32_t entry;  // to be counted down, or none
    std::uint32_t times;
    Slot before;
  };
  static constexpr std::uint32_t none = 0xffffffffU;
  static constexpr std::uint32_t total_max = 1U << 16U;
  static constexpr std::uint32_t distinct_max = 1U << 14U;

  [[nodiscard]] std::uint32_t index_of(std::uint32_t key) const { return (key * 0x9E3779B1U) >> shift_; }
  [[nodiscard]] std::uint32_t slot_of(std::uint32_t key) const {
    const auto mask = static_cast<std::uint32_t>(slots_.size() - 1);
    std::uint32_t at = index_of(key);
    while (slots_[at].distinct != 0 && slots_[at].key != key) at = (at + 1) & mask;
    return at;
  }
  void add_another(std::uint32_t at, std::uint32_t symbol, std::uint32_t times);
  void grow_table();
  void remember(std::uint32_t at, std::uint32_t entry, std::uint32_t times);

  std::vector<Slot> slots_;
  std::vector<Entry> entries_;
  std::vector<Undo> undo_;
  unsigned shift_;
  std::size_t contexts_ = 0;
  std::size_t contexts_max_ = 0;  // once frozen
  std::size_t contexts_frozen_ = 0;
  std::size_t entries_frozen_ = 0;
  bool frozen_ = false;
};

}  // namespace khuoi::sync
