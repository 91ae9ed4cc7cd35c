#include "sync/peers/hastened.h"

#include "sync/peers/unreceipted.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {
constexpr Rows<RunId, RangeSet> hastened_rows{Note::hastened, "what a person asked to be sent by radio"};
}  // namespace

Result<void> Hastened::add(Batch& batch, const Ref& own) {
  KHUOI_TRY(RangeSet numbers, hastened_rows.get_or_new(batch.txn, own.run));
  numbers.add(own.number);
  // Too ragged to be read back: it waits for the fiber.
  if (numbers.ranges().size() > RangeSet::ranges_max) return {};
  return hastened_rows.put(batch, own.run, numbers);
}

Result<std::map<RunId, RangeSet>> Hastened::all(const ReadTxn& txn) {
  std::map<RunId, RangeSet> out;
  KHUOI_TRY_VOID(
      hastened_rows.each(txn, [&](const RunId& run, RangeSet& numbers) { out.emplace(run, std::move(numbers)); }));
  return out;
}

Result<std::map<RunId, RangeSet>> Hastened::keep_open(Batch& batch, const NodeId& self, const NodeId& commune) {
  KHUOI_TRY(const auto asked, all(batch.txn));
  std::map<RunId, RangeSet> out;
  for (const auto& [run, numbers] : asked) {
    KHUOI_TRY(const RangeSet received, received_of(batch.txn, Peers(), commune, {self, run}));
    const RangeSet open = numbers.minus(received);
    if (open.empty()) {
      KHUOI_TRY_VOID(hastened_rows.erase(batch, run));
    } else {
      if (open != numbers) KHUOI_TRY_VOID(hastened_rows.put(batch, run, open));
      out.emplace(run, open);
    }
  }
  return out;
}

}  // namespace khuoi::sync
