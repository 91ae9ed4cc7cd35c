#pragma once

#include <memory>

#include "sync/base/bytes.h"
#include "sync/store/visitor.h"

namespace khuoi::sync {

/// The tables a replica keeps. Their keys and values are drawn in sync/store/TABLES.md; a store sees octets only.
/// The numbers are never reused; a new table goes at the end.
enum class Table : std::uint8_t {
  meta,            ///< format, role, names, counters
  keys,            ///< key material and passphrase slots
  roster,          ///< signed roster statements and what they say of each node
  run,             ///< one row a run: audience, predecessor, numbers held
  record,          ///< sealed and public records as they travel
  waiting,         ///< records that came before their opener, not counted as held
  unopened,        ///< authentic records this node could not open yet (locked)
  dossier,         ///< one row a dossier
  alias,           ///< other ids that find a dossier
  number,          ///< short local numbers
  duplicate,       ///< hashes that recognise a repeated submission while locked
  peer_run,        ///< what a peer said it holds, per run
  peer,            ///< a peer's last statements, and what was sent to it
  form,            ///< published forms
  model,           ///< what a model hash stands for
  file,            ///< one row an attachment: size, chunks held
  chunk,           ///< attachment chunks, sealed
  item,            ///< announcements, documents and messages by time
  outbox,          ///< merged records in order, for a later reader
  quarantine,      ///< what a person has to look at
  draft,           ///< unfinished forms, sealed
  peer_file,       ///< what a peer said it holds, per attachment
  carried,         ///< segments of other boxes, kept to be passed on
  note,            ///< small kinds of rows of the core: sync/store/note.h
  node,            ///< small kinds of rows of whoever runs the core: node/engine/node_rows.h
  summary,         ///< what lists show of dossiers, sealed
};
inline constexpr std::size_t table_count = 26;
std::string_view name_of(Table table);

/// One consistent picture of the store. Views it hands out die with it, or at the next write through it.
class ReadTxn {
 public:
  virtual ~ReadTxn() = default;
  [[nodiscard]] virtual Result<std::optional<ByteView>> get(Table table, ByteView key) const = 0;
  /// Calls visit for each entry from `first` on in key order, until it stops the walk or entries end.
  /// The visitor must not write to the store.
  using EntryVisitor = Visitor<ByteView, ByteView>;
  [[nodiscard]] virtual Result<void> scan(Table table, ByteView first, const EntryVisitor& visit) const = 0;
  /// The entry with the greatest key ≤ `key`, as owned octets.
  using Entry = std::pair<Bytes, Bytes>;
  [[nodiscard]] virtual Result<std::optional<Entry>> last_up_to(Table table, ByteView key) const = 0;
  /// How many entries the table has. No entry is read for it.
  [[nodiscard]] virtual Result<std::uint64_t> entries(Table table) const = 0;
};

/// All or nothing: dropped without commit() it leaves no trace. One at a time.
class WriteTxn : public ReadTxn {
 public:
  /// Errors: store_full, disk_full, io, too_large (key over 511 octets).
  [[nodiscard]] virtual Result<void> put(Table table, ByteView key, ByteView value) = 0;
  /// Erasing what is not there succeeds.
  [[nodiscard]] virtual Result<void> erase(Table table, ByteView key) = 0;
  /// Synced when it returns success; on failure nothing was written, and the transaction is over.
  [[nodiscard]] virtual Result<void> commit() = 0;
};

struct StoreUsage {
  std::uint64_t octets_used = 0;
  std::uint64_t octets_max = 0;
};

/// What a replica asks of its store. Implemented by storage/ on LMDB and by sim/ in memory; both pass
/// tests/contract/store_contract.
class Store {
 public:
  virtual ~Store() = default;
  [[nodiscard]] virtual Result<std::unique_ptr<ReadTxn>> begin_read() const = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<WriteTxn>> begin_write() = 0;
  [[nodiscard]] virtual StoreUsage usage() const = 0;
};

/// Visits every entry whose key starts with `prefix`.
Result<void> scan_prefix(const ReadTxn& txn, Table table, ByteView prefix, const ReadTxn::EntryVisitor& visit);

}  // namespace khuoi::sync
