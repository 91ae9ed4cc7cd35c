#include "sync/contact/radio/hamlet_sum.h"

#include "sync/peers/radio_marks.h"
#include "sync/seal/hash.h"

namespace khuoi::sync {

void HamletSum::add(const RunId& run, const RangeSet& numbers) {
  if (numbers.empty()) return;
  const Bytes hash = Blake2b(8).add(run.view()).add(numbers.encoded()).finish();
  value_ += Reader(hash).u32();
}

Result<std::uint32_t> HamletSum::believed(const ReadTxn& txn, Replica& hamlet) {
  HamletSum out;
  KHUOI_TRY(const auto received, received_by(txn, hamlet.peers(), hamlet.self().commune_node));
  for (const auto& [key, numbers] : received) {
    if (key.author == hamlet.self().node) out.add(key.run, numbers);
  }
  return out.value();
}

Result<std::uint32_t> HamletSum::held(const ReadTxn& txn, Replica& commune, const NodeId& hamlet) {
  HamletSum out;
  KHUOI_TRY_VOID(commune.runs().each_of(
      txn, hamlet, [&](const RunKey& key, const RunRow& row) { out.add(key.run, row.held); }));
  return out.value();
}

}  // namespace khuoi::sync
