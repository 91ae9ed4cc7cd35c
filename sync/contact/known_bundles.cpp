#include "sync/contact/known_bundles.h"

namespace khuoi::sync {

namespace {
constexpr std::size_t segments_noted_max = 4096;  // a bundle
constexpr std::size_t hashes_noted_max = 8;       // of one name and length

/// Earlier versions went by this alone.
std::string hint_name(const BundleFile& file) {
  return "bundle/" + std::string(file.name) + "/" + std::to_string(file.octets);
}
std::string known_name(const BundleFile& file, const BundleHash& hash) { return hint_name(file) + "/" + hash.hex(); }

Result<std::vector<Bytes>> names_like(const ReadTxn& txn, const BundleFile& file) {
  std::vector<Bytes> out;
  KHUOI_TRY_VOID(scan_prefix(txn, Table::meta, view_of(hint_name(file) + "/"), [&](ByteView key, ByteView) {
    out.push_back(to_bytes(key));
    return true;
  }));
  return out;
}
}  // namespace

Result<bool> KnownBundles::may_know(const ReadTxn& txn, const BundleFile& file) {
  KHUOI_TRY(const auto names, names_like(txn, file));
  return !names.empty();
}

Result<bool> KnownBundles::knows(const ReadTxn& txn, const BundleFile& file, std::set<Custody::Name>& carried) {
  if (!file.hash) return false;
  KHUOI_TRY(const Bytes known, meta_octets(txn, known_name(file, *file.hash)));
  if (known.empty()) return false;
  Reader from(known);
  for (from.u8(); from.ok() && !from.rest().empty();) carried.insert(from.array<16>());
  return true;
}

Result<void> KnownBundles::note(Batch& batch, const BundleFile& file, const BundleHash& hash,
                                const std::set<Custody::Name>& carried) {
  KHUOI_TRY(const auto others, names_like(batch.txn, file));
  for (std::size_t i = 0; i + hashes_noted_max <= others.size(); ++i) {
    KHUOI_TRY_VOID(batch.txn.erase(Table::meta, others[i]));
  }
  KHUOI_TRY_VOID(batch.txn.erase(Table::meta, view_of(hint_name(file))));
  Bytes row = to_bytes(view_of("1"));
  for (const Custody::Name& name : carried) {
    if (row.size() < 16 * segments_noted_max) append(row, name);
  }
  return put_meta_octets(batch, known_name(file, hash), row);
}

}  // namespace khuoi::sync
