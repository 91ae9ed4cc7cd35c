#include "sim/watched_store.h"

namespace khuoi::sim {

namespace {

using sync::Table;

class WatchedTxn final : public sync::WriteTxn {
 public:
  WatchedTxn(std::unique_ptr<sync::WriteTxn> inner, StoreWatcher& watcher)
      : inner_(std::move(inner)), watcher_(watcher) {}

  Result<std::optional<ByteView>> get(Table table, ByteView key) const override { return inner_->get(table, key); }
  Result<void> scan(Table table, ByteView first, const EntryVisitor& visit) const override {
    return inner_->scan(table, first, visit);
  }
  Result<std::optional<Entry>> last_up_to(Table table, ByteView key) const override {
    return inner_->last_up_to(table, key);
  }
  Result<std::uint64_t> entries(Table table) const override { return inner_->entries(table); }
  Result<void> put(Table table, ByteView key, ByteView value) override {
    if (table == Table::record) {
      watcher_.record_put(key, value);
      records_.push_back(to_bytes(key));
    }
    return inner_->put(table, key, value);
  }
  Result<void> erase(Table table, ByteView key) override { return inner_->erase(table, key); }
  Result<void> commit() override {
    KHUOI_TRY_VOID(inner_->commit());
    watcher_.records_committed(records_);
    return {};
  }

 private:
  std::unique_ptr<sync::WriteTxn> inner_;
  StoreWatcher& watcher_;
  std::vector<Bytes> records_;
};

}  // namespace

Result<std::unique_ptr<sync::WriteTxn>> WatchedStore::begin_write() {
  KHUOI_TRY(auto inner, inner_->begin_write());
  return std::unique_ptr<sync::WriteTxn>(std::make_unique<WatchedTxn>(std::move(inner), watcher_));
}

}  // namespace khuoi::sim
