#pragma once

#include <span>

#include "sync/codec/counts.h"
#include "sync/codec/range_coder.h"
#include "sync/codec/symbols.h"

namespace khuoi::sync {

/// Codes one symbol at a time from counts of its contexts: prediction by partial matching, escapes by Moffat's
/// method C with exclusion. The same calls learn, encode and decode, so both ends walk one path.
class SymbolCoder final {
 public:
  enum class Direction { learn, encode, decode };

  /// Borrows both.
  SymbolCoder(SymbolCounts& counts, Symbols& symbols) : counts_(counts), symbols_(symbols) {}

  void start_learning() { start(Direction::learn, {}); }
  void start_encoding() { start(Direction::encode, {}); }
  void start_decoding(ByteView from) { start(Direction::decode, from); }
  [[nodiscard]] bool learning() const { return direction_ == Direction::learn; }
  [[nodiscard]] bool decoding() const { return direction_ == Direction::decode; }
  /// Past the step limit, or what is being decoded cannot be ours: results no longer mean anything.
  [[nodiscard]] bool failed() const { return failed_; }
  void set_failed() { failed_ = true; }
  Bytes finish_encoding() { return encoder_.finish(); }
  [[nodiscard]] bool decoded_all() const { return !failed_ && decoder_.at_end(); }

  /// The symbol after the most telling of `contexts` (longest first) that knows it; past them, `fallback(symbol)`
  /// codes it by other means and returns it. While decoding `symbol` is ignored. Those asked learn it.
  template <std::size_t N, typename Fallback>
  Symbol code(const std::array<std::uint32_t, N>& contexts, Symbol symbol, Fallback fallback) {
    for (const std::uint32_t context : contexts) counts_.prefetch(context);
    const std::size_t known_in = code_known(contexts, symbol);
    if (known_in == N) symbol = fallback(symbol);
    // Only the contexts that were asked learn: it sizes records 1 % smaller than teaching all, and costs less.
    for (std::size_t at = 0; at < N && at <= known_in; ++at) counts_.add(contexts[at], symbol);
    return symbol;
  }

  /// One of `total` ≤ 2^16 equally likely numbers.
  std::uint32_t uniform(std::uint32_t value, std::uint32_t total) { return interval(value, 1, value, total); }
  /// `count` ≤ 64 bits of chance, the highest first.
  std::uint64_t bits(std::uint64_t value, unsigned count);
  /// One of weights.size() numbers, by weight ≥ 1; their sum is at most 2^17. Learns nothing.
  std::uint32_t weighted(std::uint32_t value, std::span<const std::uint32_t> weights);
  /// One of a context's symbols by its count, without an escape; the symbol is there unless decoding.
  Symbol known(const SymbolCounts::Seen& seen, Symbol symbol);

 private:
  static constexpr std::uint32_t steps_max = 1U << 20U;

  void start(Direction direction, ByteView from);
  /// The index of the context that knew the symbol, or how many there are. Sets the symbol when decoding.
  std::size_t code_known(std::span<const std::uint32_t> contexts, Symbol& symbol);
  bool code_in(const SymbolCounts::Seen& seen, std::uint32_t sum, std::uint32_t escape, Symbol& symbol);
  std::uint32_t interval(std::uint32_t start, std::uint32_t size, std::uint32_t value, std::uint32_t total);
  void step() {
    if (steps_left_ == 0 || (direction_ == Direction::decode && decoder_.past_end())) {
      failed_ = true;
    } else {
      --steps_left_;
    }
  }
  [[nodiscard]] bool excluded(Symbol symbol) const { return excluding_ && stamps_[symbol] == stamp_; }
  void exclude(const SymbolCounts::Seen& seen);

  SymbolCounts& counts_;
  Symbols& symbols_;
  Direction direction_ = Direction::learn;
  RangeEncoder encoder_;
  RangeDecoder decoder_{{}};
  bool failed_ = false;
  std::uint32_t steps_left_ = 0;
  bool excluding_ = false;
  std::uint32_t stamp_ = 0;
  std::vector<std::uint32_t> stamps_;  // by symbol; equal to stamp_: an escape has ruled it out
};

}  // namespace khuoi::sync
