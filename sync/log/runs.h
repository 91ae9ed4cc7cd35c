#pragma once

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "sync/base/range_set.h"
#include "sync/record/header.h"
#include "sync/log/held_of.h"
#include "sync/log/totals.h"
#include "sync/store/batch.h"

namespace khuoi::sync {

struct RunKey {
  NodeId author;
  RunId run;
  auto operator<=>(const RunKey&) const = default;
  static auto parts(auto& key) { return parts_of(key.author, key.run); }
};
inline RunKey run_of(const Ref& ref) { return {ref.author, ref.run}; }

/// What is known of one run: table `run`, key author 8 | run 8 (see TABLES.md).
struct RunRow {
  AudienceId audience;
  bool is_public = false;
  bool local = false;    ///< written before the grant: never leaves
  bool forked = false;   ///< another run names the same predecessor
  Domain domain = Domain::general;  ///< of own runs; what others' runs belong to is told by their records
  Opener opener;
  RangeSet held;         ///< authentic records in table `record`
  RangeSet safe;         ///< of these, what a verified backup holds
  std::uint64_t changed = 0;  ///< this node's holdings sequence when `held` or `safe` last changed: set by flush()
  /// Own sealed runs: the checkpoint chain covers 2..chained_up_to. Others': so far it was checked, by a checkpoint.
  std::uint32_t chained_up_to = 0;
  std::array<std::uint8_t, 32> chain{};
  bool uncovered = false;  ///< own sealed runs: has records no checkpoint signs yet
  static auto parts(auto& row) {
    return parts_of(Flags(row.is_public, row.local, row.forked, row.uncovered, row.domain), row.audience, row.opener,
                    row.changed, row.held, row.safe, row.chained_up_to, row.chain);
  }
};

/// How one record stands in table `record`: key author 8 | run 8 | number u32.
struct StoredRecord {
  Class record_class = Class::sealed;
  Rank rank = Rank::normal;
  bool peoples = false;
  bool erased = false;  ///< a person's right, or age: the body is only its BLAKE2b-256 now
  Bytes body;
};
/// The same, borrowed from the store for a call.
struct RecordView {
  Ref ref;
  Class record_class = Class::sealed;
  Rank rank = Rank::normal;
  bool peoples = false;
  bool erased = false;
  ByteView body;
};

/// Tables `run` and `record`, with the rows of runs cached. The cache follows the batch: flush() before a commit,
/// forget() after a failed one.
class Runs final {
 public:
  explicit Runs(const CommuneId& commune) : commune_(commune) {}
  void set_self(const CommuneId& commune, const NodeId& node) {
    commune_ = commune;
    self_ = node;
  }

  /// As flush() left it; empty where there is none.
  static Result<RunRow> stored(const ReadTxn& txn, const RunKey& key);
  /// How many of these records are people's.
  static Result<std::uint64_t> count_peoples(const ReadTxn& txn, const RunKey& key, const RangeSet& numbers);
  /// The row, or nothing. The pointer lives until forget() or erase().
  Result<const RunRow*> find(const ReadTxn& txn, const RunKey& key);
  /// To change a row; creates it when absent. Marked for flush().
  Result<RunRow*> edit(Batch& batch, const RunKey& key);
  /// Writes what changed, and with it what statements need to know of it (HeldOf).
  Result<void> flush(Batch& batch);
  /// Whether a row was changed since the last flush() or forget().
  [[nodiscard]] bool changed() const { return !dirty_.empty(); }
  /// Runs of this node whose rows were changed since.
  [[nodiscard]] std::vector<RunId> own_changed() const;
  void forget();

  /// What is counted, with what was written since the last flush_totals(); nothing while it has to be counted anew.
  Result<std::optional<Totals>> totals(const ReadTxn& txn) const;
  /// At the end of a commit, after flush(). Not where it has to be counted anew: put_totals() then.
  Result<void> flush_totals(Batch& batch);
  Result<Totals> count_totals(const ReadTxn& txn);
  Result<void> put_totals(Batch& batch, Totals totals);
  /// Called by flush() for each own run to which records came: which, as the row stands now.
  using OwnGrew = std::function<Result<void>(Batch& batch, const RunKey& key, const RunRow& row, const RangeSet& numbers)>;
  void on_own_growth(OwnGrew call) { own_grew_ = std::move(call); }

  /// Which of an author's runs is the older: of one lane its chain of predecessors says so, of two lanes the ordinals of
  /// their starts, as far as they grow along each chain. An ordinal may jump and fall again.
  struct Age {
    std::uint32_t start = 0;
    std::uint64_t place = 0;  ///< in the chain
    auto operator<=>(const Age&) const = default;
  };
  Result<Age> age(const ReadTxn& txn, const RunKey& key);

  Result<void> put_record(Batch& batch, const Ref& ref, const StoredRecord& record);
  Result<std::optional<StoredRecord>> record(const ReadTxn& txn, const Ref& ref) const;
  /// Forgets a body; the number stays held, so nobody asks for it again. Twice is as once.
  Result<void> erase_body(Batch& batch, const Ref& ref);
  /// The same for one that was sealed again under another ref: here it no longer counts as people's.
  Result<void> let_go(Batch& batch, const Ref& ref);
  /// As it travels; errors: damaged when a held record is missing, not_found when it was erased.
  Result<Sealed> sealed(const ReadTxn& txn, const Ref& ref);
  [[nodiscard]] Header header(const Ref& ref, const RunRow& row, Class record_class, Rank rank) const;
  /// Records of a run in order, first to last, bodies borrowed for the call.
  using RecordVisitor = Visitor<const RecordView&>;
  Result<void> each_record(const ReadTxn& txn, const RunKey& key, std::uint32_t first, const RecordVisitor& visit) const;
  /// Every run, in key order. Rows changed in this batch are seen as changed.
  Result<void> each(const ReadTxn& txn, const Visitor<const RunKey&, const RunRow&>& visit);
  /// Of one author: the others' are not read.
  Result<void> each_of(const ReadTxn& txn, const NodeId& author, const Visitor<const RunKey&, const RunRow&>& visit);
  /// One of this node's own, or with all else that is known of its author: nothing is counted anew.
  Result<void> erase_run(Batch& batch, const RunKey& key);
  /// Runs of an author that changed after that sequence of holdings, with what is held of all.
  struct Changed {
    HeldTally tally;
    std::vector<std::pair<RunId, RunRow>> runs;
  };
  Result<Changed> changed_since(const ReadTxn& txn, const NodeId& author, std::uint64_t sequence);
  /// Every run of an author of which something is held, with a tally made of them.
  Result<Changed> all_of(const ReadTxn& txn, const NodeId& author);
  /// What all_of() gave is the truth: where something else was kept, which an earlier program may have left behind, it is
  /// counted anew.
  Result<void> count_again_unless(Batch& batch, const NodeId& author, const HeldTally& tally);

 private:
  template <typename Prefix>
  Result<void> each_in(const ReadTxn& txn, const Prefix& prefix, std::map<RunKey, RunRow> changed,
                       const Visitor<const RunKey&, const RunRow&>& visit);
  Result<void> note_own(Batch& batch, const RunKey& key, const RunRow& before, const RunRow& row) const;
  /// What is held of an author as it stands with the rows flushed so far.
  Result<HeldOf> count(const ReadTxn& txn, const NodeId& author, std::uint64_t sequence) const;

  CommuneId commune_;
  NodeId self_;
  std::map<RunKey, RunRow> cache_;
  std::set<RunKey> dirty_;
  Totals more_;           ///< to be added to what is stored, modulo 2^64
  bool counting_ = false;  ///< something was written since the last flush_totals()
  OwnGrew own_grew_;
  std::map<RunKey, Age> ages_;  ///< of runs whose chain is here to its beginning: it stays as it is
};

Bytes key_of(const RunKey& key);
Bytes key_of(const Ref& ref);
std::optional<Ref> ref_from_key(ByteView key);
void write_ref(Writer& to, const Ref& ref);
Ref read_ref(Reader& from);

}  // namespace khuoi::sync
