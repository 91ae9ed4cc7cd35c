#pragma once

#include <array>

#include "sync/base/parts.h"
#include "sync/base/range_set.h"
#include "sync/record/header.h"

namespace khuoi::sync {

/// What is held and safe of one run, as statements write it: the received set, then safe u8 [range set when 2].
/// 0: nothing is safe; 1: all that was received; 2: what is listed.
void write_held(Writer& to, const RangeSet& received, const RangeSet& safe);
/// Errors: malformed, too_large.
Result<void> read_held(Reader& from, RangeSet& received, RangeSet& safe);

/// All that somebody holds of an author's runs, in 24 octets: how many runs, and the sum of their hashes modulo 2^128.
/// A run's hash is BLAKE2b-128 of "khuoi/1/held\0" ‖ run ‖ write_held().
struct HeldTally {
  std::uint64_t count = 0;
  std::array<std::uint8_t, 16> sum{};
  bool operator==(const HeldTally&) const = default;
  /// By which two nodes see in a hello whether they speak of the same: never 0. Two tallies have one mark once in 2^31.
  [[nodiscard]] std::uint32_t mark() const;
  /// A run of which nothing was received counts for nothing.
  void add(const RunId& run, const RangeSet& received, const RangeSet& safe);
  void remove(const RunId& run, const RangeSet& received, const RangeSet& safe);
  static auto parts(auto& tally) { return parts_of(tally.count, tally.sum); }
};

}  // namespace khuoi::sync
