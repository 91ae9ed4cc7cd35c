#include "sync/base/range_set.h"

#include <algorithm>
#include <limits>

#include "sync/base/check.h"

namespace khuoi {

void RangeSet::add(Number first, Number last) {
  KHUOI_CHECK(first <= last);
  auto next = ranges_.upper_bound(first);
  if (next != ranges_.begin()) {
    auto before = std::prev(next);
    const bool touches = before->second >= first || before->second + 1 == first;
    if (touches) {
      first = before->first;
      last = std::max(last, before->second);
      next = ranges_.erase(before);
    }
  }
  const auto touches_after = [&last](Number start) {
    return start <= last || (last != std::numeric_limits<Number>::max() && start == last + 1);
  };
  while (next != ranges_.end() && touches_after(next->first)) {
    last = std::max(last, next->second);
    next = ranges_.erase(next);
  }
  ranges_.emplace(first, last);
}

void RangeSet::add(const RangeSet& other) {
  for (const auto& [first, last] : other.ranges_) add(first, last);
}

void RangeSet::remove(const RangeSet& other) { *this = minus(other); }

bool RangeSet::contains(Number number) const {
  const auto after = ranges_.upper_bound(number);
  return after != ranges_.begin() && std::prev(after)->second >= number;
}

bool RangeSet::contains(const RangeSet& other) const { return other.minus(*this).empty(); }

std::uint64_t RangeSet::count() const {
  std::uint64_t total = 0;
  for (const auto& [first, last] : ranges_) total += std::uint64_t{last} - first + 1;
  return total;
}

RangeSet RangeSet::minus(const RangeSet& other) const {
  RangeSet out;
  for (const auto& [first, last] : ranges_) {
    std::uint64_t from = first;
    auto cut = other.ranges_.upper_bound(first);
    if (cut != other.ranges_.begin()) --cut;
    for (; cut != other.ranges_.end() && cut->first <= last && from <= last; ++cut) {
      if (cut->second < from) continue;
      if (cut->first > from) out.ranges_.emplace(static_cast<Number>(from), cut->first - 1);
      from = std::uint64_t{cut->second} + 1;
    }
    if (from <= last) out.ranges_.emplace(static_cast<Number>(from), last);
  }
  return out;
}

RangeSet RangeSet::intersect(const RangeSet& other) const { return minus(minus(other)); }

RangeSet::Number RangeSet::last() const {
  KHUOI_CHECK(!ranges_.empty());
  return ranges_.rbegin()->second;
}

void RangeSet::encode(Writer& to) const {
  to.varint(ranges_.size());
  std::uint64_t end = 0;
  for (const auto& [first, last] : ranges_) {
    to.varint(first - end).varint(std::uint64_t{last} - first);
    end = std::uint64_t{last} + 1;
  }
}

Bytes RangeSet::encoded() const {
  Bytes out;
  Writer writer(out);
  encode(writer);
  return out;
}

Result<RangeSet> RangeSet::decode(Reader& from) {
  const std::uint64_t count = from.varint();
  if (count > ranges_max) return fail(Errc::too_large, "range set: more than 4096 ranges");
  RangeSet out;
  std::uint64_t end = 0;
  for (std::uint64_t i = 0; i < count && from.ok(); ++i) {
    const std::uint64_t gap = from.varint();
    const std::uint64_t length_less_one = from.varint();
    constexpr std::uint64_t numbers = std::uint64_t{1} << 32U;
    const bool touches = i != 0 && gap == 0;
    const bool outside = gap >= numbers || length_less_one >= numbers || end + gap + length_less_one >= numbers;
    if (touches || outside) return fail(Errc::malformed, "range set: ranges touch or pass the last number");
    const std::uint64_t first = end + gap;
    out.ranges_.emplace_hint(out.ranges_.end(), static_cast<Number>(first),
                             static_cast<Number>(first + length_less_one));
    end = first + length_less_one + 1;
  }
  if (!from.ok()) return fail(Errc::malformed, "range set: cut short");
  return out;
}

Result<RangeSet> RangeSet::decode(ByteView octets) {
  Reader reader(octets);
  KHUOI_TRY(auto out, decode(reader));
  if (!reader.done()) return fail(Errc::malformed, "range set: octets left over");
  return out;
}

}  // namespace khuoi
