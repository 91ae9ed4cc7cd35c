#include "sync/log/quarantine.h"

#include "sync/log/runs.h"
#include "sync/store/meta.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {
constexpr Rows<std::uint64_t, Quarantined> quarantine_rows{Table::quarantine, "what a person has to look at"};
}  // namespace

Result<void> quarantine(Batch& batch, const Quarantined& item) {
  KHUOI_TRY(const std::uint64_t last, meta_number(batch.txn, "quarantine_last"));
  KHUOI_TRY_VOID(put_meta_number(batch, "quarantine_last", last + 1));
  return quarantine_rows.put(batch, last + 1, item);
}

Result<std::vector<Quarantined>> quarantined(const ReadTxn& txn) {
  std::vector<Quarantined> out;
  KHUOI_TRY_VOID(quarantine_rows.each(
      txn, std::tuple<>(), [&](std::uint64_t, Quarantined& item) { out.push_back(std::move(item)); },
      quarantine_rows.pass_over_damaged));
  return out;
}

}  // namespace khuoi::sync
