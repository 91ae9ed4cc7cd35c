#include "sync/contact/known_bundles.h"

#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {
constexpr std::size_t segments_noted_max = 4096;  // a bundle
constexpr std::size_t hashes_noted_max = 8;       // of one name and length

/// What counts is the hash behind it.
struct BundleName {
  std::string name;
  std::uint64_t octets = 0;
  static auto parts(auto& file) { return parts_of(Counted(file.name, 255), file.octets); }
};
BundleName name_of(const BundleFile& file) { return {std::string(file.name), file.octets}; }

using SegmentNames = std::vector<Custody::Name>;
constexpr Rows<std::pair<BundleName, BundleHash>, std::pair<std::uint8_t, SegmentNames>> known_bundles{
    Note::bundle, "a bundle that was taken in"};
}  // namespace

Result<bool> KnownBundles::may_know(const ReadTxn& txn, const BundleFile& file) {
  KHUOI_TRY(const auto any, known_bundles.last(txn, name_of(file)));
  return any.has_value();
}

Result<bool> KnownBundles::knows(const ReadTxn& txn, const BundleFile& file, std::set<Custody::Name>& carried) {
  if (!file.hash) return false;
  KHUOI_TRY(const auto known, known_bundles.get(txn, {name_of(file), *file.hash}));
  if (known) carried.insert(known->second.begin(), known->second.end());
  return known.has_value();
}

Result<void> KnownBundles::note(Batch& batch, const BundleFile& file, const BundleHash& hash,
                                const std::set<Custody::Name>& carried) {
  KHUOI_TRY(const auto others, known_bundles.keys(batch.txn, name_of(file)));
  for (std::size_t i = 0; i + hashes_noted_max <= others.size(); ++i) {
    KHUOI_TRY_VOID(known_bundles.erase(batch, others[i]));
  }
  SegmentNames noted(carried.begin(), carried.end());
  if (noted.size() > segments_noted_max) noted.resize(segments_noted_max);
  return known_bundles.put(batch, {name_of(file), hash}, {'1', std::move(noted)});
}

}  // namespace khuoi::sync
