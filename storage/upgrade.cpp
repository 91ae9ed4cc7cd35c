#include "storage/upgrade.h"

#include <algorithm>

namespace khuoi::storage {
namespace {

ByteView format_key() { return view_of("store_format"); }

Error newer(std::uint32_t format) {
  return fail(Errc::unsupported, "this store has format " + std::to_string(format) + ", this program knows up to " +
                                     std::to_string(store_format_now) + ": install a newer version of khuoi");
}

}  // namespace

std::span<const UpgradeStep> upgrade_steps() { return {}; }  // format 1 is the first

Result<std::uint32_t> read_store_format(const sync::ReadTxn& txn) {
  KHUOI_TRY(const auto value, txn.get(sync::Table::meta, format_key()));
  if (!value) return 0U;
  Reader reader(*value);
  const std::uint32_t format = reader.u32();
  if (!reader.done()) return fail(Errc::damaged, "the store's format number is broken; restore a backup");
  return format;
}

Result<void> write_store_format(sync::WriteTxn& txn, std::uint32_t format) {
  Bytes value;
  Writer(value).u32(format);
  return txn.put(sync::Table::meta, format_key(), value);
}

Result<void> check_store_format(const sync::Store& store) {
  KHUOI_TRY(const auto txn, store.begin_read());
  KHUOI_TRY(const std::uint32_t format, read_store_format(*txn));
  if (format > store_format_now) return newer(format);
  if (format < store_format_now) {
    return fail(Errc::unsupported, "this store has the earlier format " + std::to_string(format) +
                                       ": open it once for writing, which brings it up to date");
  }
  return {};
}

Result<void> upgrade_store(sync::Store& store, std::span<const UpgradeStep> steps) {
  std::uint32_t format = 0;
  {
    KHUOI_TRY(const auto txn, store.begin_read());
    KHUOI_TRY(format, read_store_format(*txn));
  }
  while (format < store_format_now) {
    const auto step = std::ranges::find(steps, format, &UpgradeStep::from);
    if (step == steps.end()) {
      return fail(Errc::unsupported, "no way is known on from store format " + std::to_string(format));
    }
    KHUOI_TRY(const auto txn, store.begin_write());
    KHUOI_TRY_VOID(step->apply(*txn));
    KHUOI_TRY_VOID(write_store_format(*txn, ++format));
    KHUOI_TRY_VOID(txn->commit());
  }
  if (format > store_format_now) return newer(format);
  return {};
}

}  // namespace khuoi::storage
