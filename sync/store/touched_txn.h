#pragma once

#include <bitset>

#include "sync/store/store.h"

namespace khuoi::sync {

/// A transaction that remembers which tables were written through it, also by a write that failed: whoever drops it
/// knows what may have been read back from it, and by that what to forget.
class TouchedTxn final : public WriteTxn {
 public:
  using Tables = std::bitset<table_count>;

  explicit TouchedTxn(std::unique_ptr<WriteTxn> inner) : inner_(std::move(inner)) {}
  [[nodiscard]] const Tables& touched() const { return touched_; }

  [[nodiscard]] Result<std::optional<ByteView>> get(Table table, ByteView key) const override {
    return inner_->get(table, key);
  }
  [[nodiscard]] Result<void> scan(Table table, ByteView first, const EntryVisitor& visit) const override {
    return inner_->scan(table, first, visit);
  }
  [[nodiscard]] Result<std::optional<Entry>> last_up_to(Table table, ByteView key) const override {
    return inner_->last_up_to(table, key);
  }
  [[nodiscard]] Result<std::uint64_t> entries(Table table) const override { return inner_->entries(table); }
  [[nodiscard]] Result<void> put(Table table, ByteView key, ByteView value) override {
    touched_.set(static_cast<std::size_t>(table));
    return inner_->put(table, key, value);
  }
  [[nodiscard]] Result<void> erase(Table table, ByteView key) override {
    touched_.set(static_cast<std::size_t>(table));
    return inner_->erase(table, key);
  }
  [[nodiscard]] Result<void> commit() override { return inner_->commit(); }

 private:
  std::unique_ptr<WriteTxn> inner_;
  Tables touched_;
};

}  // namespace khuoi::sync
