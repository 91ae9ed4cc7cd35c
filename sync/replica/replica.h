#pragma once

#include <memory>

#include "sync/bulletin/bulletin.h"
#include "sync/dossiers/intake.h"
#include "sync/peers/receipts.h"
#include "sync/replica/enrolment.h"
#include "sync/replica/replica_reader.h"
#include "sync/replica/rooms.h"
#include "sync/seal/hash.h"
#include "sync/store/touched_txn.h"

namespace khuoi::sync {

/// The first way in to a new node's secrets.
struct FirstSlot {
  std::string person;
  PassphraseParams params;
  const Secret& phrase_key;  ///< from derive_phrase_key
};

/// Who opens a hamlet's health records from its first day on.
struct HealthStart {
  Keyring::Health when = Keyring::Health::open;
  /// The health worker's own way in; without it the first person's opens health too (`open`, `after_grant`).
  const FirstSlot* worker = nullptr;
};

/// What one commit brought to the store, for progress and metrics.
struct Counts {
  std::uint64_t records_in = 0, records_out = 0, records_duplicate = 0, records_rejected = 0;
  std::uint64_t control_in = 0, control_out = 0;
  std::uint64_t attachments_in = 0, attachments_out = 0;
  std::uint64_t carried_in = 0, carried_out = 0;  ///< other boxes' segments, kept and passed on
  std::uint64_t bytes_in = 0, bytes_out = 0;
  void add(const Counts& other);
};

/// One node: everything it knows and does, over a store. The same object runs in the program and in the simulator; it
/// never sees a file, a socket or a clock. One owner at a time.
///
/// All writing happens inside a Work; what an operation hands out (an id, a message for a link) may leave only after
/// commit() succeeded.
class Replica final {
 public:
  /// Writes a new node into an empty store, in one commit. Errors: exists; what the store says.
  static Result<void> create(Store& store, Role role, std::string_view name, const FirstSlot& slot, Rng& rng, Now now,
                             const HealthStart& health = {});
  /// Borrows both for its life; brings a store of an earlier format up to date first. Errors: not_found (no node here),
  /// unsupported (a later format), damaged; what the disk says to that commit.
  static Result<std::unique_ptr<Replica>> open(Store& store, Rng& rng);
  ~Replica();

  /// One commit's worth of writing. Dropped without commit() it leaves no trace: the runs in which something was sealed
  /// for it end. One that wrote nothing, as a refused operation, is dropped for free.
  class Work final {
   public:
    [[nodiscard]] Batch& batch() { return batch_; }
    Result<void> commit();
    ~Work();
    Work(Work&& other) noexcept;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    Work& operator=(Work&&) = delete;

   private:
    friend class Replica;
    Work(Replica& replica, std::unique_ptr<WriteTxn> txn, Now now)
        : replica_(&replica), txn_(std::make_unique<TouchedTxn>(std::move(txn))), batch_{*txn_, now} {}
    Replica* replica_;
    std::unique_ptr<TouchedTxn> txn_;
    Batch batch_;
  };
  Result<Work> begin(Now now) { return begin(now, reader_); }
  /// As whom: with that reader's keys and contexts, exactly. It is borrowed until the work is over.
  Result<Work> begin(Now now, ReplicaReader& as);
  /// What commits changed since this was last asked.
  Changes take_changes() { return std::exchange(changes_, {}); }
  /// For readers, as of the last commit. Not inside a Work.
  const Published& published();
  [[nodiscard]] Result<std::unique_ptr<ReadTxn>> read() const { return store_.begin_read(); }
  /// Signs the tails of all open runs and ends them: a clean stop.
  Result<void> close(Now now);

  /// The reading side, with what is open here now; inside a Work it sees what that wrote.
  [[nodiscard]] ReplicaReader& reader() { return reader_; }
  [[nodiscard]] const Self& self() const { return core_.self; }
  [[nodiscard]] const Keyring& keys() const { return core_.keys; }
  [[nodiscard]] const Roster& roster() const { return core_.roster; }
  [[nodiscard]] const Membership& membership() const { return core_; }
  [[nodiscard]] SinceStart& since_start() { return core_.since_start; }
  [[nodiscard]] Runs& runs() { return core_.runs; }
  [[nodiscard]] Rng& rng() { return core_.rng; }
  [[nodiscard]] RunKeys& run_keys() { return run_keys_; }
  [[nodiscard]] Peers& peers() { return peers_; }
  [[nodiscard]] Library& library() { return library_; }
  [[nodiscard]] Dossiers& dossiers() { return dossiers_; }
  [[nodiscard]] DossierViews& views() { return reader_.views_; }
  [[nodiscard]] KeptSummaries& summaries() { return reader_.summaries_; }
  [[nodiscard]] Items& items() { return items_; }

  // --- people and locks
  /// Opens what these keys open, for all work that is nobody's own, and indexes what came while locked.
  Result<void> unlock(Batch& batch, const std::vector<LockKey>& keys);
  /// The first half of it; indexes nothing.
  Result<void> open(const ReadTxn& txn, const std::vector<LockKey>& keys);
  /// The second half: opens, seals again and indexes what waited for the keys of this work.
  Result<void> open_what_waits(Batch& batch);
  /// As Acceptor::open_some().
  Result<bool> open_some_of_what_waits(Batch& batch, OpeningPlace& place, std::size_t records_max);
  void lock() { reader_.opened_ = Openings(); }

  // --- what people do
  Intake& intake() { return intake_; }
  Bulletin& bulletin() { return bulletin_; }
  Trainer& trainer() { return trainer_; }
  Enrolment& enrolment() { return enrolment_; }
  Resealing& resealing() { return resealing_; }
  Receipts& receipts() { return receipts_; }
  Starts& starts() { return starts_; }
  Result<void> add_form(Batch& batch, FormRecord form);
  /// The forms that this program ships, told at its start: Library::put_built_in for each, and what waited for one is
  /// opened; what is filled in with those of an earlier program is coded without them (Library::code_without).
  using BuiltIn = ReplicaReader::BuiltIn;
  Result<void> put_built_in(Batch& batch, std::span<const BuiltIn> shipped);
  /// Errors: denied (a move the rules do not know), not_found.
  Result<void> set_state(Batch& batch, const DossierKey& key, StateChange change);
  /// This node was put back from a backup: peers are told anew what it holds, and a commune gives no official code until
  /// a person confirmed the last one that was given before.
  Result<void> note_restored(Batch& batch);
  /// Errors: denied (not a commune), usage (nothing to confirm, or an empty code).
  Result<void> confirm_last_code(Batch& batch, std::string_view code);
  Result<void> withdraw(Batch& batch, const DossierKey& key, std::string reason);
  Result<void> pick(Batch& batch, const DossierKey& key, const Ref& chosen);
  /// A person's right; both sides forget the bodies. The hamlet's own dossier, or at a commune any.
  Result<void> erase(Batch& batch, const DossierKey& key, std::string reason);

  // --- exchange
  /// As Acceptor::accept().
  Result<Acceptance> accept(Batch& batch, const Sealed& record, bool vouched, const OpenedRecord* opened = nullptr);
  /// Before a statement is made in the batch that took something in: else it would not tell of that. Each commit does it.
  Result<void> settle(Batch& batch) { return acceptor_.settle(batch); }
  [[nodiscard]] StoreUsage store_usage() const { return store_.usage(); }
  Result<Sealed> sealed(const ReadTxn& txn, const Ref& ref) { return core_.runs.sealed(txn, ref); }
  void set_author_quota(std::uint64_t octets_a_day) { acceptor_.set_author_quota(octets_a_day); }
  /// A tagged statement: holdings, roster or a start proof, and who brought it, if its signature or the link told that.
  /// True if it was news. Errors: unauthenticated; unsupported (of a kind or version that this build does not know).
  Result<bool> accept_statement(Batch& batch, ByteView tagged, Path path, const NodeId& brought_by = {});
  /// `hash` is that of the octets, if somebody computed it already.
  Result<ChunkOutcome> accept_chunk(Batch& batch, const ChunkPlace& place, ByteView octets,
                                    const std::optional<ChunkHash>& hash = {});
  [[nodiscard]] std::vector<Bytes> roster_statements() const;  ///< tagged
  Result<void> mark_all_safe(Batch& batch);

 private:
  friend struct SecondWriter;  // of tests: writes under this node's name what no act would
  Replica(Store& store, Core core);
  void end_work(const Changes& changes, bool committed);
  void take_back(const TouchedTxn::Tables& touched);

  Store& store_;
  bool counted_ = false;  ///< what Recount names holds in this store
  ReplicaReader reader_;
  Published published_;
  Changes changes_;
  Core& core_ = reader_.core_;
  RunKeys& run_keys_ = reader_.run_keys_;
  Peers& peers_ = reader_.peers_;
  Library& library_ = reader_.library_;
  Dossiers& dossiers_ = reader_.dossiers_;
  Items& items_ = reader_.items_;
  Starts starts_;
  RunWriter writer_;
  DossierIndex index_;
  Rooms rooms_;
  Acceptor acceptor_;
  RecordWriter records_;
  Intake intake_;
  Receipts receipts_;
  Bulletin bulletin_;
  Trainer trainer_;
  Resealing resealing_;
  Enrolment enrolment_;
};

}  // namespace khuoi::sync
