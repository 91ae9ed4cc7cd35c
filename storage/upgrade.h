#pragma once

#include <span>

#include "sync/store/store.h"

namespace khuoi::storage {

/// The number of the layout this build writes: key "store_format" of the table meta, u32 BE. It counts what storage/
/// itself lays out; what the replica keeps in its tables has a number of its own.
inline constexpr std::uint32_t store_format_now = 1;

/// From one format to the next; applied and recorded in one transaction, so that a cut leaves the one or the other.
struct UpgradeStep {
  std::uint32_t from;
  Result<void> (*apply)(sync::WriteTxn& txn);
};

/// Every step this build knows, in order of `from`.
std::span<const UpgradeStep> upgrade_steps();

/// A store without the key has format 0. Errors: damaged when the value is not four octets.
Result<std::uint32_t> read_store_format(const sync::ReadTxn& txn);
Result<void> write_store_format(sync::WriteTxn& txn, std::uint32_t format);

/// Errors: unsupported unless the store has exactly this build's format.
Result<void> check_store_format(const sync::Store& store);
/// Brings a store up to this build's format, step by step. Errors: unsupported when it is newer, or no step leads on.
Result<void> upgrade_store(sync::Store& store, std::span<const UpgradeStep> steps);

}  // namespace khuoi::storage
