#include "sync/membership/group_keys.h"

#include <algorithm>

namespace khuoi::sync {

namespace {
constexpr std::string_view row_name = "radio_group";
constexpr std::size_t key_octets = 32;
constexpr std::size_t entry_octets = key_octets + 4;
}  // namespace

Result<std::vector<GroupKey>> GroupKeys::of(const ReadTxn& txn) {
  KHUOI_TRY(const auto value, txn.get(Table::keys, view_of(row_name)));
  std::vector<GroupKey> out;
  if (!value) return out;
  const bool of_an_earlier_program = value->size() == key_octets;
  const std::size_t count = of_an_earlier_program ? 1 : value->size() / entry_octets;
  if (!of_an_earlier_program && (count == 0 || count > keys_max || value->size() % entry_octets != 0)) {
    return fail(Errc::damaged, "store: in table keys, radio_group does not decode; restore a backup");
  }
  Reader from(*value);
  for (std::size_t i = 0; i < count; ++i) {
    GroupKey& key = out.emplace_back();
    key.key = from.array<key_octets>();
    if (!of_an_earlier_program) key.epoch = from.u32();
  }
  return out;
}

Result<void> GroupKeys::keep(Batch& batch, const GroupKey& key) {
  KHUOI_TRY(auto keys, of(batch.txn));
  std::erase_if(keys, [&](const GroupKey& one) { return one.epoch == key.epoch; });
  keys.push_back(key);
  std::ranges::sort(keys, [](const GroupKey& a, const GroupKey& b) { return a.epoch > b.epoch; });
  keys.resize(std::min(keys.size(), keys_max));
  Bytes octets;
  Writer to(octets);
  for (const GroupKey& one : keys) to.raw(one.key).u32(one.epoch);
  return batch.txn.put(Table::keys, view_of(row_name), octets);
}

Result<void> GroupKeys::forget(Batch& batch) { return batch.txn.erase(Table::keys, view_of(row_name)); }

}  // namespace khuoi::sync
