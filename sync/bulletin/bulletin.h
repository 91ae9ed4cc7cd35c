#pragma once

#include "sync/bulletin/board.h"
#include "sync/log/record_writer.h"
#include "sync/peers/receipts.h"

namespace khuoi::sync {

/// What a commune and its hamlets tell each other: announcements, documents and messages, and who heard or read them.
class Bulletin final {
 public:
  Bulletin(Core& core, RecordWriter& writer, Receipts& receipts, Board& board)
      : core_(core), writer_(writer), receipts_(receipts), board_(board) {}

  [[nodiscard]] Board& board() { return board_; }

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
  RecordWriter& writer_;
  Receipts& receipts_;
  Board& board_;
};

}  // namespace khuoi::sync
