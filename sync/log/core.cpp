#include "sync/log/core.h"

namespace khuoi::sync {

Result<void> Core::reload(const ReadTxn& txn) {
  KHUOI_TRY_VOID(load(txn));
  runs.set_self(self.commune, self.node);
  return {};
}

Result<std::uint64_t> next_holdings_sequence(Batch& batch) {
  KHUOI_TRY(const std::uint64_t last, meta_number(batch.txn, "holdings_sequence"));
  KHUOI_TRY_VOID(put_meta_number(batch, "holdings_sequence", last + 1));
  return last + 1;
}

}  // namespace khuoi::sync
