#pragma once

#include "sync/bulletin/items.h"
#include "sync/bulletin/lane_order.h"
#include "sync/log/record_writer.h"
#include "sync/peers/receipts.h"

namespace khuoi::sync {

/// What a commune and its hamlets tell each other: announcements, documents and messages, and who heard or read them.
class Bulletin final {
 public:
  Bulletin(Core& core, RunKeys& run_keys, RecordWriter& writer, Receipts& receipts, Items& items)
      : core_(core), run_keys_(run_keys), writer_(writer), receipts_(receipts), items_(items) {}

  [[nodiscard]] const Self& self() const { return core_.self; }
  [[nodiscard]] const Membership& membership() const { return core_; }
  [[nodiscard]] Items& items() { return items_; }
  [[nodiscard]] const Receipts& receipts() const { return receipts_; }
  Result<Plain> read(const ReadTxn& txn, const Ref& ref) { return run_keys_.read(txn, ref); }
  Result<Sealed> sealed(const ReadTxn& txn, const Ref& ref) { return core_.runs.sealed(txn, ref); }
  /// In which the commune wrote these.
  Result<LaneOrder> order(const ReadTxn& txn, const std::vector<ItemEntry>& items) {
    return LaneOrder::of_commune(core_, txn, items);
  }

  /// Errors: denied (at a hamlet; an emergency without two approvals).
  Result<Ref> announce(Batch& batch, const Announcement& announcement);
  /// An officer's signature for an emergency. Errors: not_found (nobody of that name), denied (a wrong phrase).
  Result<Approval> approve(const ReadTxn& txn, std::string_view officer, const Items::Pending& pending,
                           const std::function<Result<Secret>(const PassphraseParams&)>& derive) const;
  /// Errors: denied (at a hamlet), usage (for nobody), not_found (a hamlet without a box).
  Result<Ref> add_document(Batch& batch, const Document& document, bool to_everyone);
  /// Errors: usage (a commune's, for nobody), denied (before the grant).
  Result<Ref> send_message(Batch& batch, const Message& message, const std::optional<HamletId>& to);
  /// A hamlet tells what it played or read, or how it fares.
  Result<Ref> tell(Batch& batch, Rank rank, const Body& body);

 private:
  Core& core_;
  RunKeys& run_keys_;
  RecordWriter& writer_;
  Receipts& receipts_;
  Items& items_;
};

}  // namespace khuoi::sync
