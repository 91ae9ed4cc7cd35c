#include "sync/base/check.h"
#include "sync/base/range_set.h"

/// What decodes has one encoding only, and the arithmetic of sets holds for it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using khuoi::RangeSet;
  khuoi::Reader reader({octets, size});
  const auto first = RangeSet::decode(reader);
  if (!first) return 0;
  const khuoi::ByteView taken(octets, size - reader.rest().size());
  KHUOI_CHECK(khuoi::equal(first->encoded(), taken));
  const auto second = RangeSet::decode(reader);
  if (!second) return 0;
  RangeSet both = *first;
  both.add(*second);
  KHUOI_CHECK(both.contains(*first));
  KHUOI_CHECK(both.contains(*second));
  KHUOI_CHECK(both.count() + first->intersect(*second).count() == first->count() + second->count());
  KHUOI_CHECK(both.minus(*second) == first->minus(*second));
  return 0;
}
