#pragma once

#include "sync/peers/passages.h"

namespace khuoi::sync {

/// By which path each box's attachments came last, so that people are told by which one the next may be expected. Table
/// `note`, kind file_path. It decides nothing.
class FilePaths final {
 public:
  /// Writes only what is news.
  static Result<void> note(Batch& batch, const NodeId& author, Path path);
  /// Nothing: none came yet.
  static Result<std::optional<Path>> of(const ReadTxn& txn, const NodeId& author);
};

}  // namespace khuoi::sync
