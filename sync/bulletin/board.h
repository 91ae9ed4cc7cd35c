#pragma once

#include "sync/bulletin/items.h"
#include "sync/bulletin/lane_order.h"

namespace khuoi::sync {

/// What hangs out at a node: announcements, documents and messages, read with their records. Writes nothing.
class Board final {
 public:
  Board(Core& core, RunKeys& run_keys, Items& items) : core_(core), run_keys_(run_keys), items_(items) {}

  [[nodiscard]] const Self& self() const { return core_.self; }
  [[nodiscard]] const Membership& membership() const { return core_; }
  [[nodiscard]] const SinceStart& since_start() const { return core_.since_start; }
  [[nodiscard]] Items& items() { return items_; }
  Result<Plain> read(const ReadTxn& txn, const Ref& ref) { return run_keys_.read(txn, ref); }
  Result<Sealed> sealed(const ReadTxn& txn, const Ref& ref) { return core_.runs.sealed(txn, ref); }
  /// In which the commune wrote these.
  Result<LaneOrder> order(const ReadTxn& txn, const std::vector<ItemEntry>& items) {
    return LaneOrder::of_commune(core_, txn, items);
  }

 private:
  Core& core_;
  RunKeys& run_keys_;
  Items& items_;
};

}  // namespace khuoi::sync
