#pragma once

#include "sync/store/batch.h"

namespace khuoi::sync {

// Small values in table meta.

/// 0 for one that was never put. Errors: damaged.
Result<std::uint64_t> meta_number(const ReadTxn& txn, std::string_view name);
Result<void> put_meta_number(Batch& batch, std::string_view name, std::uint64_t value);
/// Empty for those that were never put.
Result<Bytes> meta_octets(const ReadTxn& txn, std::string_view name);
Result<void> put_meta_octets(Batch& batch, std::string_view name, ByteView value);

}  // namespace khuoi::sync
