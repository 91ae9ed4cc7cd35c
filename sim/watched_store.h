#pragma once

#include <vector>

#include "sim/memory_store.h"

namespace khuoi::sim {

/// Sees every record that goes into a store, before its commit and after it.
class StoreWatcher {
 public:
  virtual ~StoreWatcher() = default;
  virtual void record_put(ByteView key, ByteView value) = 0;
  virtual void records_committed(const std::vector<Bytes>& keys) = 0;
};

/// A store in memory whose records are watched from outside the code under test. It can be set back to a clone.
class WatchedStore final : public sync::Store {
 public:
  WatchedStore(std::unique_ptr<MemoryStore> inner, StoreWatcher& watcher)
      : inner_(std::move(inner)), watcher_(watcher) {}

  Result<std::unique_ptr<sync::ReadTxn>> begin_read() const override { return inner_->begin_read(); }
  Result<std::unique_ptr<sync::WriteTxn>> begin_write() override;
  sync::StoreUsage usage() const override { return inner_->usage(); }

  [[nodiscard]] MemoryStore& inner() { return *inner_; }
  void replace(std::unique_ptr<MemoryStore> inner) { inner_ = std::move(inner); }

 private:
  std::unique_ptr<MemoryStore> inner_;
  StoreWatcher& watcher_;
};

}  // namespace khuoi::sim
