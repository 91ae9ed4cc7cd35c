#pragma once

#include <map>

#include "sync/base/bytes.h"
#include "sync/base/result.h"

namespace khuoi {

/// A set of record numbers as sorted, disjoint, non-touching ranges: what a summary says of one run.
/// Encoded as a varint count, then for each range the gap since the last one's end and its length less one, both
/// varints; one set has one encoding.
class RangeSet final {
 public:
  using Number = std::uint32_t;
  static constexpr std::size_t ranges_max = 4096;

  RangeSet() = default;
  /// Both ends included.
  RangeSet(Number first, Number last) { add(first, last); }

  void add(Number number) { add(number, number); }
  void add(Number first, Number last);
  void add(const RangeSet& other);
  void remove(const RangeSet& other);
  [[nodiscard]] bool contains(Number number) const;
  [[nodiscard]] bool contains(const RangeSet& other) const;
  [[nodiscard]] bool empty() const { return ranges_.empty(); }
  [[nodiscard]] std::uint64_t count() const;
  /// What is here and not in the other.
  [[nodiscard]] RangeSet minus(const RangeSet& other) const;
  [[nodiscard]] RangeSet intersect(const RangeSet& other) const;
  /// The greatest number held; only on a non-empty set.
  [[nodiscard]] Number last() const;
  /// First to last of each range, in order.
  [[nodiscard]] const std::map<Number, Number>& ranges() const { return ranges_; }

  void encode(Writer& to) const;
  [[nodiscard]] Bytes encoded() const;
  /// Errors: malformed; too_large past ranges_max ranges.
  static Result<RangeSet> decode(Reader& from);
  static Result<RangeSet> decode(ByteView octets);

  bool operator==(const RangeSet&) const = default;

 private:
  std::map<Number, Number> ranges_;
};

}  // namespace khuoi
