#include "sync/store/store.h"

namespace khuoi::sync {

std::string_view name_of(Table table) {
  static constexpr std::array<std::string_view, table_count> names = {
      "meta",   "keys",       "roster",   "run",       "record",  "waiting", "unopened", "dossier", "alias",
      "number", "duplicate",  "peer_run", "peer",      "form",    "model",   "file",     "chunk",   "item",
      "outbox", "quarantine", "draft",    "peer_file", "carried", "note",    "node",
      "summary"};
  return names.at(static_cast<std::size_t>(table));
}

Result<void> scan_prefix(const ReadTxn& txn, Table table, ByteView prefix, const ReadTxn::EntryVisitor& visit) {
  return txn.scan(table, prefix, [&](ByteView key, ByteView value) {
    return starts_with(key, prefix) ? visit(key, value) : Result<Walk>(Walk::stop);
  });
}

}  // namespace khuoi::sync
