#include "sync/log/held_tally.h"

#include <utility>

#include "sync/seal/hash.h"

namespace khuoi::sync {

namespace {

enum class SafeIs : std::uint8_t { nothing = 0, all_received = 1, listed = 2 };
using Sum = std::array<std::uint8_t, 16>;

Sum hash_of(const RunId& run, const RangeSet& received, const RangeSet& safe) {
  Bytes held;
  Writer to(held);
  write_held(to, received, safe);
  constexpr std::string_view label("khuoi/1/held\0", 13);
  Sum out{};
  const Bytes hash = Blake2b(out.size()).add(view_of(label)).add(run.view()).add(held).finish();
  std::copy(hash.begin(), hash.end(), out.begin());
  return out;
}

/// In network order, modulo 2^128.
Sum sum_of(const Sum& a, const Sum& b) {
  Sum out{};
  unsigned carry = 0;
  for (std::size_t i = out.size(); i-- > 0; carry >>= 8U) {
    carry += static_cast<unsigned>(a[i]) + b[i];
    out[i] = static_cast<std::uint8_t>(carry);
  }
  return out;
}

Sum negative(Sum of) {
  for (std::uint8_t& octet : of) octet = static_cast<std::uint8_t>(~octet);
  Sum one{};
  one.back() = 1;
  return sum_of(of, one);
}

}  // namespace

void write_held(Writer& to, const RangeSet& received, const RangeSet& safe) {
  received.encode(to);
  const SafeIs is = safe.empty() ? SafeIs::nothing : safe == received ? SafeIs::all_received : SafeIs::listed;
  to.u8(static_cast<std::uint8_t>(is));
  if (is == SafeIs::listed) safe.encode(to);
}

Result<void> read_held(Reader& from, RangeSet& received, RangeSet& safe) {
  KHUOI_TRY(received, RangeSet::decode(from));
  const auto is = static_cast<SafeIs>(from.u8());
  if (is > SafeIs::listed) return fail(Errc::malformed, "holdings: an unknown safe mark");
  if (is == SafeIs::all_received) safe = received;
  if (is != SafeIs::listed) return {};
  KHUOI_TRY(safe, RangeSet::decode(from));
  return {};
}

void HeldTally::add(const RunId& run, const RangeSet& received, const RangeSet& safe) {
  if (received.empty()) return;
  ++count;
  sum = sum_of(sum, hash_of(run, received, safe));
}

void HeldTally::remove(const RunId& run, const RangeSet& received, const RangeSet& safe) {
  if (received.empty()) return;
  --count;
  sum = sum_of(sum, negative(hash_of(run, received, safe)));
}

std::uint32_t HeldTally::mark() const { return Reader(sum).u32() | 1U; }

}  // namespace khuoi::sync
