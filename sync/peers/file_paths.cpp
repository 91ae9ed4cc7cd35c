#include "sync/peers/file_paths.h"

#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {
constexpr Rows<NodeId, Path> path_rows{Note::file_path, "by which path a box's files came"};
}  // namespace

Result<void> FilePaths::note(Batch& batch, const NodeId& author, Path path) {
  KHUOI_TRY(const auto known, of(batch.txn, author));
  return known == path ? Result<void>() : path_rows.put(batch, author, path);
}

Result<std::optional<Path>> FilePaths::of(const ReadTxn& txn, const NodeId& author) {
  return path_rows.get(txn, author);
}

}  // namespace khuoi::sync
