#include "sync/log/quarantine.h"

#include "sync/log/runs.h"
#include "sync/store/meta.h"

namespace khuoi::sync {

Result<void> quarantine(Batch& batch, const Quarantined& item) {
  KHUOI_TRY(const std::uint64_t last, meta_number(batch.txn, "quarantine_last"));
  KHUOI_TRY_VOID(put_meta_number(batch, "quarantine_last", last + 1));
  Bytes key;
  Writer(key).u64(last + 1);
  Bytes value;
  Writer to(value);
  to.counted(view_of(item.why));
  write_ref(to, item.ref);
  to.u64(static_cast<std::uint64_t>(item.at.value)).counted(item.record);
  return batch.txn.put(Table::quarantine, key, value);
}

Result<std::vector<Quarantined>> quarantined(const ReadTxn& txn) {
  std::vector<Quarantined> out;
  KHUOI_TRY_VOID(txn.scan(Table::quarantine, {}, [&](ByteView, ByteView value) {
    Reader from(value);
    Quarantined item;
    item.why = std::string(text_of(from.counted(1024)));
    item.ref = read_ref(from);
    item.at.value = static_cast<std::int64_t>(from.u64());
    item.record = to_bytes(from.counted(2 * record_octets_max));
    if (from.done()) out.push_back(std::move(item));
    return true;
  }));
  return out;
}

}  // namespace khuoi::sync
