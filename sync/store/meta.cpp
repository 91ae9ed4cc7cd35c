#include "sync/store/meta.h"

namespace khuoi::sync {

Result<std::uint64_t> meta_number(const ReadTxn& txn, std::string_view name) {
  KHUOI_TRY(const auto value, txn.get(Table::meta, view_of(name)));
  if (!value) return std::uint64_t{0};
  Reader from(*value);
  const std::uint64_t out = from.u64();
  if (!from.done()) return fail(Errc::damaged, "store: the number '" + std::string(name) + "' does not decode");
  return out;
}

Result<void> put_meta_number(Batch& batch, std::string_view name, std::uint64_t value) {
  Bytes octets;
  Writer(octets).u64(value);
  return batch.txn.put(Table::meta, view_of(name), octets);
}

Result<Bytes> meta_octets(const ReadTxn& txn, std::string_view name) {
  KHUOI_TRY(const auto value, txn.get(Table::meta, view_of(name)));
  return value ? to_bytes(*value) : Bytes();
}

Result<void> put_meta_octets(Batch& batch, std::string_view name, ByteView value) {
  return batch.txn.put(Table::meta, view_of(name), value);
}

}  // namespace khuoi::sync
