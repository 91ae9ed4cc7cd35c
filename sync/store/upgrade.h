#pragma once

#include <map>

#include "sync/store/store.h"

namespace khuoi::sync {

/// The number of the layout of rows that this build writes: `format` of table meta (sync/store/TABLES.md).
inline constexpr std::uint64_t format_now = 3;

/// Brings a store of an earlier format up to this build's, in one commit; does nothing to any other, nor to an empty one.
Result<void> upgrade(Store& store);

/// A store of an earlier format on a disk that takes no commit, as it would be after upgrade(): the rows that move stand in
/// memory. Nothing can be written.
class UpgradedStore final : public Store {
 public:
  /// Borrows `store` for its life. `why_not` is what upgrade() said of it, and what writing fails with.
  static Result<std::unique_ptr<UpgradedStore>> over(const Store& store, Error why_not);

  [[nodiscard]] Result<std::unique_ptr<ReadTxn>> begin_read() const override;
  [[nodiscard]] Result<std::unique_ptr<WriteTxn>> begin_write() override { return why_not_; }
  [[nodiscard]] StoreUsage usage() const override { return store_.usage(); }

  /// All rows of the tables whose rows move.
  using Moved = std::map<Table, std::map<Bytes, Bytes>>;

 private:
  UpgradedStore(const Store& store, Error why_not) : store_(store), why_not_(std::move(why_not)) {}

  const Store& store_;
  Error why_not_;
  Moved moved_;
};

}  // namespace khuoi::sync
