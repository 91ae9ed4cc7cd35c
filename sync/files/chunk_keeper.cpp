#include "sync/files/chunk_keeper.h"

#include <algorithm>

#include "sync/base/check.h"

namespace khuoi::sync {
namespace {
std::uint64_t charge_of(std::size_t octets) { return octets + unverified_chunk_charge; }
}  // namespace

bool has_form_of(const FileRow& row, const ChunkPlace& place, ByteView octets) {
  return chunk_octets(row.octets, place) == octets.size() && (place.level == 0 || is_index(place.level, octets));
}

Result<ChunkOutcome> ChunkKeeper::keep_verified(const ChunkPlace& place, ByteView octets) {
  RangeSet& held = row_.held[place.level];
  if (!FileRow::has_room(held, place.index, RangeSet::ranges_max)) return ChunkOutcome::over_quota;
  KHUOI_TRY_VOID(drop_unverified(place));
  KHUOI_TRY_VOID(batch_.txn.put(Table::chunk, chunk_key(place), octets));
  held.add(place.index);
  if (place.level > 0) KHUOI_TRY_VOID(check_children(place));
  return ChunkOutcome::stored;
}

Result<ChunkOutcome> ChunkKeeper::keep_unverified(const ChunkPlace& place, ByteView octets) {
  RangeSet& unverified = row_.unverified[place.level];
  const auto key = chunk_key(place);
  std::uint64_t charge_replaced = 0;
  if (unverified.contains(place.index)) {
    KHUOI_TRY(const auto there, batch_.txn.get(Table::chunk, key));
    if (there && equal(*there, octets)) return ChunkOutcome::duplicate;
    if (there) charge_replaced = charge_of(there->size());  // neither can be checked: the later one stays
  }
  KHUOI_TRY(const std::uint64_t all, unverified_octets(batch_.txn));
  const bool quota_holds = all + charge_of(octets.size()) <= unverified_octets_max + charge_replaced;
  if (!quota_holds || !FileRow::has_room(unverified, place.index, unverified_ranges_max))
    return ChunkOutcome::over_quota;
  KHUOI_TRY_VOID(batch_.txn.put(Table::chunk, key, octets));
  if (row_.unverified_charge == 0) row_.unverified_since = batch_.now.wall;
  row_.unverified_charge += charge_of(octets.size()) - std::min(charge_replaced, row_.unverified_charge);
  unverified.add(place.index);
  return ChunkOutcome::unverified;
}

Result<void> ChunkKeeper::check_from_root() {
  const auto sizes = level_sizes(row_.octets);
  for (std::size_t level = 0; level < row_.unverified.size(); ++level) {
    RangeSet inside;
    if (level < sizes.size()) inside.add(0, sizes[level] - 1);
    const RangeSet outside = row_.unverified[level].minus(inside);
    for (const auto& [first, last] : outside.ranges()) {
      for (std::uint32_t index = first; index <= last; ++index) {
        KHUOI_TRY_VOID(drop_unverified(place_of(level, index)));
      }
    }
  }
  const ChunkPlace top = place_of(sizes.size() - 1, 0);
  if (!row_.unverified[top.level].contains(0)) return {};
  return check_unverified(top, row_.root);
}

Result<void> ChunkKeeper::check_children(const ChunkPlace& parent) {
  const std::size_t level = parent.level - 1U;
  const std::uint32_t first = first_child(parent.index);
  const RangeSet waiting = row_.unverified[level].intersect(RangeSet(first, first + index_hashes_max - 1));
  if (waiting.empty()) return {};
  KHUOI_TRY(const auto stored, batch_.txn.get(Table::chunk, chunk_key(parent)));
  KHUOI_CHECK(stored.has_value());
  const Bytes hashes = to_bytes(*stored);  // the view would die with the first write below
  for (const auto& [from, to] : waiting.ranges()) {
    for (std::uint32_t index = from; index <= to; ++index) {
      const ChunkPlace place = place_of(level, index);
      if (!chunk_octets(row_.octets, place)) continue;  // outside the shape: check_from_root drops it
      KHUOI_TRY_VOID(check_unverified(place, hash_in_index(hashes, index - first)));
    }
  }
  return {};
}

Result<void> ChunkKeeper::check_unverified(const ChunkPlace& place, const ChunkHash& expected) {
  KHUOI_TRY(const auto octets, batch_.txn.get(Table::chunk, chunk_key(place)));
  RangeSet& held = row_.held[place.level];
  const bool right = octets && has_form_of(row_, place, *octets) && hash_of_chunk(*octets) == expected &&
                     FileRow::has_room(held, place.index, RangeSet::ranges_max);
  if (!right) return drop_unverified(place);
  row_.unverified_charge -= std::min(charge_of(octets->size()), row_.unverified_charge);
  row_.unverified[place.level].remove(RangeSet(place.index, place.index));
  held.add(place.index);
  if (place.level > 0) return check_children(place);
  return {};
}

Result<void> ChunkKeeper::drop_unverified(const ChunkPlace& place) {
  RangeSet& unverified = row_.unverified[place.level];
  if (!unverified.contains(place.index)) return {};
  const auto key = chunk_key(place);
  KHUOI_TRY(const auto octets, batch_.txn.get(Table::chunk, key));
  if (octets) row_.unverified_charge -= std::min(charge_of(octets->size()), row_.unverified_charge);
  unverified.remove(RangeSet(place.index, place.index));
  return batch_.txn.erase(Table::chunk, key);
}

}  // namespace khuoi::sync
