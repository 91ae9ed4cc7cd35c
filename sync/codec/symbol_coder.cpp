#include "sync/codec/symbol_coder.h"

namespace khuoi::sync {

void SymbolCoder::start(Direction direction, ByteView from) {
  direction_ = direction;
  encoder_ = RangeEncoder();
  decoder_ = RangeDecoder(from);
  failed_ = false;
  steps_left_ = steps_max;
}

std::uint32_t SymbolCoder::interval(std::uint32_t start, std::uint32_t size, std::uint32_t value, std::uint32_t total) {
  if (direction_ == Direction::learn) return value;
  step();
  if (direction_ == Direction::encode) {
    encoder_.encode(start, size, total);
    return value;
  }
  const std::uint32_t at = decoder_.target(total);
  decoder_.take(at, 1, total);
  return at;
}

std::uint64_t SymbolCoder::bits(std::uint64_t value, unsigned count) {
  std::uint64_t out = 0;
  while (count > 0) {
    const unsigned some = count < 16 ? count : 16;
    count -= some;
    const auto part = static_cast<std::uint32_t>((value >> count) & ((1U << some) - 1));
    out = (out << some) | uniform(part, 1U << some);
  }
  return out;
}

std::uint32_t SymbolCoder::weighted(std::uint32_t value, std::span<const std::uint32_t> weights) {
  if (direction_ == Direction::learn) return value;
  step();
  std::uint32_t total = 0;
  for (const std::uint32_t weight : weights) total += weight;
  std::uint32_t start = 0;
  if (direction_ == Direction::decode) {
    const std::uint32_t target = decoder_.target(total);
    for (value = 0; start + weights[value] <= target; ++value) start += weights[value];
    decoder_.take(start, weights[value], total);
  } else {
    for (std::uint32_t before = 0; before < value; ++before) start += weights[before];
    encoder_.encode(start, weights[value], total);
  }
  return value;
}

Symbol SymbolCoder::known(const SymbolCounts::Seen& seen, Symbol symbol) {
  if (direction_ == Direction::learn) return symbol;
  excluding_ = false;
  step();
  if (seen.total == 0) {
    failed_ = true;
    return no_symbol;
  }
  code_in(seen, seen.total, 0, symbol);
  return symbol;
}

void SymbolCoder::exclude(const SymbolCounts::Seen& seen) {
  if (!excluding_) {
    excluding_ = true;
    if (++stamp_ == 0) {
      stamps_.assign(stamps_.size(), 0);
      stamp_ = 1;
    }
    if (stamps_.size() < symbols_.size()) stamps_.resize(symbols_.size() + 256);
  }
  for (std::uint32_t entry = 0; entry < seen.distinct; ++entry) stamps_[seen.entries[entry].symbol] = stamp_;
}

bool SymbolCoder::code_in(const SymbolCounts::Seen& seen, std::uint32_t sum, std::uint32_t escape, Symbol& symbol) {
  const std::uint32_t total = sum + escape;
  std::uint32_t start = 0;
  if (direction_ == Direction::decode) {
    const std::uint32_t target = decoder_.target(total);
    if (target >= sum) {
      decoder_.take(sum, escape, total);
      return false;
    }
    for (std::uint32_t entry = 0;; ++entry) {
      const SymbolCounts::Entry& at = seen.entries[entry];
      if (excluded(at.symbol)) continue;
      if (target < start + at.count) {
        decoder_.take(start, at.count, total);
        symbol = at.symbol;
        return true;
      }
      start += at.count;
    }
  }
  for (std::uint32_t entry = 0; entry < seen.distinct; ++entry) {
    const SymbolCounts::Entry& at = seen.entries[entry];
    if (at.symbol == symbol) {
      if (direction_ == Direction::encode) encoder_.encode(start, at.count, total);
      return true;
    }
    if (!excluded(at.symbol)) start += at.count;
  }
  if (direction_ == Direction::encode) encoder_.encode(sum, escape, total);
  return false;
}

std::size_t SymbolCoder::code_known(std::span<const std::uint32_t> contexts, Symbol& symbol) {
  excluding_ = false;
  for (std::size_t at = 0; at < contexts.size(); ++at) {
    const SymbolCounts::Seen seen = counts_.find(contexts[at]);
    if (seen.total == 0) continue;
    std::uint32_t sum = seen.total;
    std::uint32_t kinds = seen.distinct;
    // Almost every symbol here was new: asking it would cost an escape and tell little.
    if (kinds * 3 > sum && sum > 6 && at + 1 < contexts.size()) continue;
    if (excluding_) {
      for (std::uint32_t entry = 0; entry < seen.distinct; ++entry) {
        if (!excluded(seen.entries[entry].symbol)) continue;
        sum -= seen.entries[entry].count;
        --kinds;
      }
      if (kinds == 0) continue;
    }
    step();
    if (code_in(seen, sum, kinds, symbol)) return at;
    exclude(seen);
  }
  return contexts.size();
}

}  // namespace khuoi::sync
