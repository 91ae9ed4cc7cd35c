#pragma once

#include <map>

#include "sync/log/author_quota.h"
#include "sync/log/indexer.h"
#include "sync/log/quarantine.h"
#include "sync/log/run_checks.h"

namespace khuoi::sync {

enum class Taken : std::uint8_t {
  stored,       ///< new, authentic, held now
  duplicate,    ///< held already
  waiting,      ///< cannot be judged yet: kept apart, not counted as held
  quarantined,  ///< authentic, but a person must look
  rejected,     ///< forged, damaged, not for us, or over a quota
};

struct Acceptance {
  Taken taken = Taken::rejected;
  bool peoples = false;
  std::string why;  ///< of rejected and quarantined, for a person
};

/// How far what waited was opened, from one batch to the next.
struct OpeningPlace {
  Bytes tried;                 ///< the last key of table `unopened` that was tried
  bool all_tried = false;      ///< what follows is folding
  std::uint32_t folded = 0;    ///< the number of the last dossier that was folded again
};

/// Takes records that came over any path into the store. Only what is authentic is held and so appears in summaries and
/// receipts: what opens under its run's context, what its author signed, and, where this node cannot open it, what its
/// author vouched for on the way (a segment signed by it, or a session with it).
class Acceptor final {
 public:
  Acceptor(Core& core, RunKeys& run_keys, Indexer& rooms)
      : core_(core), run_keys_(run_keys), rooms_(rooms), checks_(core, run_keys), quota_(core) {}

  /// Errors are the store's; what is wrong with the record is told by the Acceptance.
  /// `opened`: what was made of it beforehand, if that was done; it changes nothing but how long this takes.
  Result<Acceptance> accept(Batch& batch, const Sealed& record, bool vouched, const OpenedRecord* opened = nullptr);
  /// Opens and indexes what came while locked, or before its model or its author copy.
  Result<void> open_what_waits(Batch& batch);
  /// The same in several batches, which open or fold about so many records each: true while there is more to do. `place` is
  /// empty at first, and goes from one to the next.
  Result<bool> open_some(Batch& batch, OpeningPlace& place, std::size_t records_max);
  /// Before a commit: checks checkpoints whose records are complete now, and marks what each peer should hear.
  Result<void> settle(Batch& batch);
  void forget();
  void set_author_quota(std::uint64_t octets_a_day) { quota_.set(octets_a_day); }
  /// A peer sent something else that it should hear was taken in (a chunk of an attachment).
  Result<void> note_news(Batch& batch, const NodeId& author, std::uint64_t octets);
  /// A form, or a key of the commune, came otherwise than by a record: what waited for it is opened before the commit.
  void note_new_model() { models_changed_ = true; }
  /// Takes what a record this node has just written means into account.
  Result<void> apply_own(Batch& batch, const Ref& ref, const Plain& plain) { return apply(batch, ref, plain); }

 private:
  struct Opened {
    std::optional<Plain> plain;
    bool authentic = false;
    bool closed = false;  ///< no key at hand: neither proved nor refuted
    std::string why;
  };
  Result<Acceptance> accept_opener(Batch& batch, const Sealed& record);
  Result<Acceptance> accept_body(Batch& batch, const Sealed& record, bool vouched, const RunRow& row,
                                 const OpenedRecord* opened);
  Result<Acceptance> accept_author_copy(Batch& batch, const Sealed& record, bool vouched, bool held);
  Result<Acceptance> put_waiting(Batch& batch, const Sealed& record, bool vouched);
  Result<void> retry_waiting(Batch& batch, const RunKey& key);
  Result<Opened> open(Batch& batch, const Sealed& record, const RunRow& row);
  Result<void> hold(Batch& batch, const Sealed& record, bool peoples);
  Result<void> apply(Batch& batch, const Ref& ref, const Plain& plain, const DecodedVersion* decoded = nullptr);
  Result<void> apply_or_keep(Batch& batch, const Ref& ref, const Plain& plain, const DecodedVersion* decoded = nullptr);
  Result<std::size_t> open_some_records(Batch& batch, OpeningPlace& place, std::size_t records_max);
  /// False when the same octets were quarantined before, so that a replay adds nothing.
  Result<bool> first_time(Batch& batch, const Sealed& record);
  Result<Acceptance> second_under_one_number(Batch& batch, const Sealed& record, std::string why);
  Result<bool> past_revocation(Batch& batch, const Sealed& record, bool vouched, Acceptance& out);
  [[nodiscard]] NodeId peer_for(const NodeId& author) const;

  Core& core_;
  RunKeys& run_keys_;
  Indexer& rooms_;
  std::map<NodeId, std::uint64_t> news_;  ///< octets of people's records per peer in this batch
  RunChecks checks_;
  AuthorQuota quota_;
  std::optional<std::uint64_t> sequence_;
  bool models_changed_ = false;
};

}  // namespace khuoi::sync
