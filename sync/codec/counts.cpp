#include "sync/codec/counts.h"

#include <algorithm>

namespace khuoi::sync {
namespace {

constexpr unsigned first_table_bits = 12;

}  // namespace

SymbolCounts::SymbolCounts() : slots_(std::size_t{1} << first_table_bits), shift_(32 - first_table_bits) {}

void SymbolCounts::remember(std::uint32_t at, std::uint32_t entry, std::uint32_t times) {
  if (frozen_) undo_.push_back({at, entry, times, slots_[at]});
}

void SymbolCounts::add(std::uint32_t key, std::uint32_t symbol, std::uint32_t times) {
  std::uint32_t at = slot_of(key);
  if (slots_[at].distinct == 0) {
    if (frozen_ && contexts_ >= contexts_max_) return;  // no room to learn from this record: both ends stop here
    if (!frozen_ && (contexts_ + 1) * 2 > slots_.size()) {
      grow_table();
      at = slot_of(key);
    }
    remember(at, none, times);
    slots_[at] = {key, 1, 1, {symbol, times}};
    ++contexts_;
    return;
  }
  Slot& slot = slots_[at];
  if (slot.first.count + times > total_max) return;
  if (slot.distinct == 1) {
    if (slot.first.symbol != symbol) {
      add_another(at, symbol, times);
      return;
    }
    remember(at, none, times);
    slot.first.count += times;
    return;
  }
  Entry* const entries = &entries_[slot.first.symbol];
  for (std::uint32_t entry = 0; entry < slot.distinct; ++entry) {
    if (entries[entry].symbol != symbol) continue;
    remember(at, entry, times);
    entries[entry].count += times;
    slot.first.count += times;
    return;
  }
  add_another(at, symbol, times);
}

void SymbolCounts::add_another(std::uint32_t at, std::uint32_t symbol, std::uint32_t times) {
  Slot& slot = slots_[at];
  if (slot.distinct >= distinct_max) return;
  remember(at, none, times);
  if (slot.distinct == slot.capacity) {
    // The block moves to the array's end; roll_back() and freeze() win the old place back.
    const auto offset = static_cast<std::uint32_t>(entries_.size());
    const auto capacity = static_cast<std::uint16_t>(slot.capacity * 2);
    entries_.resize(entries_.size() + capacity);
    if (slot.distinct == 1) {
      entries_[offset] = slot.first;
    } else {
      std::copy_n(entries_.begin() + slot.first.symbol, slot.distinct, entries_.begin() + offset);
    }
    slot.first.symbol = offset;
    slot.capacity = capacity;
  }
  entries_[slot.first.symbol + slot.distinct] = {symbol, times};
  ++slot.distinct;
  slot.first.count += times;
}

void SymbolCounts::grow_table() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  --shift_;
  for (const Slot& slot : old) {
    if (slot.distinct != 0) slots_[slot_of(slot.key)] = slot;
  }
}

void SymbolCounts::freeze() {
  std::vector<Entry> packed;
  for (Slot& slot : slots_) {
    if (slot.distinct <= 1) continue;
    const auto offset = static_cast<std::uint32_t>(packed.size());
    packed.insert(packed.end(), entries_.begin() + slot.first.symbol,
                  entries_.begin() + slot.first.symbol + slot.distinct);
    std::stable_sort(packed.begin() + offset, packed.end(),
                     [](const Entry& a, const Entry& b) { return a.count > b.count; });
    slot.first.symbol = offset;
    slot.capacity = slot.distinct;
  }
  packed.shrink_to_fit();
  entries_ = std::move(packed);
  frozen_ = true;
  contexts_frozen_ = contexts_;
  contexts_max_ = slots_.size() / 4 * 3;
  entries_frozen_ = entries_.size();
}

void SymbolCounts::roll_back() {
  while (!undo_.empty()) {
    const Undo& undo = undo_.back();
    Slot& slot = slots_[undo.slot];
    if (undo.entry != none) entries_[undo.before.first.symbol + undo.entry].count -= undo.times;
    slot = undo.before;
    undo_.pop_back();
  }
  contexts_ = contexts_frozen_;
  entries_.resize(entries_frozen_);
}

std::size_t SymbolCounts::octets_used() const {
  return slots_.capacity() * sizeof(Slot) + entries_.capacity() * sizeof(Entry) + undo_.capacity() * sizeof(Undo);
}

}  // namespace khuoi::sync
