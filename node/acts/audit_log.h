#pragma once

#include "node/acts/audit_rows.h"
#include "node/engine/engine.h"

namespace khuoi::node {

/// What was done at a commune: by whom, when, and to what. Append-only rows in table `node`, each chained to the one
/// before by a hash, their end signed with the commune's signing key; AUDIT.md draws them and says what a reader is
/// protected from. No damage to the log ever keeps an act from being done or noted.
class AuditLog final {
 public:
  AuditLog() = delete;

  /// In the commit of the act itself: both stay or neither does. Costs the same however long the log is. At a hamlet
  /// nothing happens. Where the log does not end as its head says, an entry by `service` says so first. Errors: the store's.
  static Result<void> note(sync::Replica& replica, sync::Batch& batch, const Act& act);

  struct Entry {
    std::uint64_t number = 0;
    bool readable = true;  ///< false: the row does not decode, and all below is empty
    AuditEntryRow row = {};
  };
  /// What is empty matches everything.
  struct Filter {
    std::string person = {};  ///< exactly
    std::string what = {};    ///< exactly
    std::string target = {};  ///< its beginning
  };
  using EntryVisitor = sync::Visitor<const Entry&>;
  /// How many rows one call of newest() looks at, at most.
  static constexpr std::size_t rows_looked_at_max = 5000;
  /// At most `limit` entries, the newest first, from the number `from` down, or from the end. Gives the number to go on
  /// from: nothing at the log's beginning. A call may visit fewer, even none, while more match further down. A row that
  /// does not decode is visited whatever the filter is.
  static Result<std::optional<std::uint64_t>> newest(const sync::ReadTxn& txn, const Filter& filter,
                                                     std::optional<std::uint64_t> from, std::size_t limit,
                                                     const EntryVisitor& visit);

  /// A state of the log that somebody wrote down.
  struct Known {
    std::uint64_t number = 0;
    Bytes hash = {};  ///< its beginning
  };
  struct Verified {
    std::uint64_t count = 0;  ///< entries, as far as all was right
    AuditHash hash{};         ///< of the last of them
    std::string wrong;        ///< the first thing that is, one sentence; empty: nothing
  };
  /// Walks the whole log in constant memory. `expected`: the log must contain that state; then it is no longer told that
  /// the head was damaged before. Errors: the store's.
  static Result<Verified> verify(const AuditKey& key, const sync::ReadTxn& txn,
                                 const std::optional<Known>& expected = std::nullopt);
};

/// Signs the last day that has entries once it is over, which the first entry of a later day does otherwise: for a commune's
/// service, which asks now and then. Returns at once.
void sign_finished_day(Engine& engine);
/// The same in a batch at hand. Errors: the store's.
Result<void> sign_finished_day(sync::Replica& replica, sync::Batch& batch);

}  // namespace khuoi::node
