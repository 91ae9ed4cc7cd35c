#pragma once

#include <memory>
#include <span>

#include "sync/bulletin/board.h"
#include "sync/dossiers/dossier_views.h"
#include "sync/dossiers/kept_summaries.h"
#include "sync/dossiers/submission_check.h"
#include "sync/dossiers/trainer.h"
#include "sync/peers/unreceipted.h"
#include "sync/replica/recount.h"
#include "sync/replica/verifier.h"

namespace khuoi::sync {

struct ReplicaStatus {
  std::uint64_t records = 0;    ///< people's records held
  std::uint64_t waiting = 0;    ///< own people's records without a receipt
  std::uint64_t waiting_health = 0;  ///< of these, the health domain's
  std::uint64_t dossiers = 0;
  /// Some record was damaged when they were last folded; or their row does not decode, then they are not in `dossiers`
  /// once who read them noted it (Dossiers::note_damaged).
  std::uint64_t dossiers_unreadable = 0;
  std::uint64_t quarantined = 0;
  std::uint64_t unopened = 0;   ///< came while locked, or before its model
  std::uint64_t forks = 0;
  Starts::Figures starts;       ///< what was met of lost pasts, copies and lies about this node's starts
  bool locked = false;
};

/// What a replica tells its readers after each commit: no secrets, never changed, shared by readers of all threads.
struct Published {
  struct Members {
    std::uint64_t version = 0;  ///< row members_version of table meta: counts commits that changed the roster or keys
    Self self;
    Roster roster;
  };
  std::shared_ptr<const Members> members;
  std::shared_ptr<const SinceStart> since_start;
};

/// The reading side of a node, with keys, contexts and caches of its own: all that can be asked of it without a batch.
/// Writes nothing. One owner at a time; any number of them read beside each other and beside the replica.
class ReplicaReader final {
 public:
  explicit ReplicaReader(Core core);
  ReplicaReader(const ReplicaReader&) = delete;
  ReplicaReader& operator=(const ReplicaReader&) = delete;
  /// One that opens exactly what these keys open, even none. Errors: denied, damaged; the store's.
  static Result<std::unique_ptr<ReplicaReader>> open(const ReadTxn& txn, const Published& known,
                                                     const std::vector<LockKey>& keys, Rng& rng);
  /// Before each look at another picture: rows read earlier are forgotten, and who belongs to the commune is taken from
  /// `known` or, where that is of another commit, from the store. Contexts, forms and models stay. Errors: the store's.
  Result<void> renew(const ReadTxn& txn, const Published& known);

  [[nodiscard]] const Self& self() const { return core_.self; }
  [[nodiscard]] const Keyring& keys() const { return core_.keys; }
  [[nodiscard]] const Roster& roster() const { return core_.roster; }
  [[nodiscard]] const Membership& membership() const { return core_; }
  [[nodiscard]] const SinceStart& since_start() const { return core_.since_start; }
  [[nodiscard]] bool locked() const { return core_.keys.locked(); }
  /// Whether records of health are taken in: always where `khuoi init` made the box; else once the hamlet was granted
  /// and a health worker has begun.
  [[nodiscard]] bool health_open() const { return core_.health_open(); }
  /// The log: its rows of runs and records, cached.
  [[nodiscard]] Runs& runs() { return core_.runs; }
  [[nodiscard]] RunKeys& run_keys() { return run_keys_; }
  [[nodiscard]] Peers& peers() { return peers_; }
  [[nodiscard]] Library& library() { return library_; }
  [[nodiscard]] Dossiers& dossiers() { return dossiers_; }
  [[nodiscard]] DossierViews& views() { return views_; }
  [[nodiscard]] KeptSummaries& summaries() { return summaries_; }
  [[nodiscard]] Items& items() { return items_; }
  [[nodiscard]] Board& board() { return board_; }
  [[nodiscard]] SubmissionCheck& submissions() { return submissions_; }
  [[nodiscard]] Lessons& lessons() { return lessons_; }

  Result<std::vector<LockKey>> open_slots(const ReadTxn& txn, const std::string& person,
                                          const std::function<Result<Secret>(const PassphraseParams&)>& derive) const;
  /// Whether unlock() may have something to open, seal again or fold, so that a question must write first.
  Result<bool> waits_for_keys(const ReadTxn& txn);
  /// A form that this program ships.
  struct BuiltIn {
    ByteView xml;
    Domain domain = Domain::general;
  };
  /// Whether put_built_in would change anything.
  [[nodiscard]] Result<bool> lacks_built_in(const ReadTxn& txn, std::span<const BuiltIn> shipped) const;
  /// What is held now and can be decoded: a copy begun after this holds it all, so receipts().mark_safe() may be told.
  using Held = std::vector<std::pair<RunKey, RangeSet>>;
  Result<Held> decodable(const ReadTxn& txn);
  Result<ReplicaStatus> status(const ReadTxn& txn);
  /// Own records of people that the commune has not said to hold. A commune's own wait until every hamlet they are for has
  /// told that it holds them: that is shown per peer, and none are counted here.
  Result<Unreceipted> unreceipted(const ReadTxn& txn);
  /// Counts and look-ups that are not what a walk gives, a sentence each (Recount).
  Result<std::vector<std::string>> miscounts(const ReadTxn& txn) {
    return Recount::wrong(txn, core_, peers_, items_, dossiers_);
  }
  /// As Verifier::verify().
  Result<void> verify(const ReadTxn& txn, const std::function<void(const std::string&)>& set_aside = {}) {
    return Verifier(core_, run_keys_, dossiers_, peers_, items_).verify(txn, set_aside);
  }

 private:
  friend class Replica;
  /// The row of table meta in which a replica counts commits that changed the roster or keys.
  static constexpr std::string_view members_version = "members_version";
  Result<Totals> totals(const ReadTxn& txn);
  static std::vector<FormHash> hashes_of(std::span<const BuiltIn> shipped);

  Openings opened_;
  Core core_;
  std::uint64_t version_ = 0;  ///< of the members; of the replica's own, the last committed
  std::shared_ptr<const SinceStart> since_start_;
  RunKeys run_keys_;
  Peers peers_;
  Library library_;
  Dossiers dossiers_;
  DossierHomes homes_;
  DossierViews views_;
  KeptSummaries summaries_;
  Items items_;
  Board board_;
  SubmissionCheck submissions_;
  Lessons lessons_;
};

}  // namespace khuoi::sync
