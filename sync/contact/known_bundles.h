#pragma once

#include "sync/contact/bundle_content.h"

namespace khuoi::sync {

/// Files of others that were taken in whole, and in which something was proved to be their writer's: there is nothing
/// in them for this node. In table note, a row a file.
class KnownBundles final {
 public:
  /// Whether a bundle of that name and length was taken in before: only then it is worth hashing before it is read.
  static Result<bool> may_know(const ReadTxn& txn, const BundleFile& file);
  /// Whether it was this very file, by its hash; then the segments of other boxes in it are added to `carried`.
  static Result<bool> knows(const ReadTxn& txn, const BundleFile& file, std::set<Custody::Name>& carried);
  static Result<void> note(Batch& batch, const BundleFile& file, const BundleHash& hash,
                           const std::set<Custody::Name>& carried);
};

}  // namespace khuoi::sync
