#pragma once

#include "sync/contact/packer.h"

namespace khuoi::sync {

using BundleSink = std::function<Result<void>(ByteView octets)>;
/// Writes a parcel as a bundle until `octets_max` is used, whole segments only. Gives what went in; a statement that is
/// due and was not made is left out. Errors: disk_full (not even room for the statements), the store's and the sink's.
Result<BundleContent> fill_bundle(Replica& replica, const ReadTxn& txn, Giver& giver, Parcel parcel,
                                  std::uint64_t octets_max, const BundleSink& sink);

}  // namespace khuoi::sync
