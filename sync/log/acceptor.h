#pragma once

#include <set>

#include "sync/log/indexer.h"
#include "sync/log/quarantine.h"
#include "sync/log/run_keys.h"

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

/// Header and body, as quarantine and waiting keep a record.
Bytes whole_octets(const Sealed& record);

/// Takes records that came over any path into the store. Only what is authentic is held and so appears in summaries and
/// receipts: what opens under its run's context, what its author signed, and, where this node cannot open it, what its
/// author vouched for on the way (a segment signed by it, or a session with it).
class Acceptor final {
 public:
  Acceptor(Core& core, RunKeys& run_keys, Indexer& rooms) : core_(core), run_keys_(run_keys), rooms_(rooms) {}

  /// Errors are the store's; what is wrong with the record is told by the Acceptance.
  Result<Acceptance> accept(Batch& batch, const Sealed& record, bool vouched);
  /// Opens and indexes what came while locked, or before its model or its author copy.
  Result<void> open_what_waits(Batch& batch);
  /// Before a commit: checks checkpoints whose records are complete now, and marks what each peer should hear.
  Result<void> settle(Batch& batch);
  void forget();
  /// What one author may have stored in a day: a stolen box cannot fill the commune's disk.
  static constexpr std::uint64_t author_octets_a_day = 64U << 20U;
  void set_author_quota(std::uint64_t octets_a_day) { author_quota_ = octets_a_day; }
  /// A peer sent something else that it should hear was taken in (a chunk of an attachment).
  Result<void> note_news(Batch& batch, const NodeId& author, std::uint64_t octets);
  /// A form came otherwise than by a record: what waited for it is opened before the commit.
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
  struct Today {
    std::uint64_t day = 0;
    std::uint64_t octets = 0;
  };
  [[nodiscard]] std::string refusal(const Sealed& record) const;
  Result<Acceptance> accept_opener(Batch& batch, const Sealed& record);
  Result<Acceptance> accept_body(Batch& batch, const Sealed& record, bool vouched, const RunRow& row);
  Result<Acceptance> put_waiting(Batch& batch, const Sealed& record, bool vouched);
  Result<void> retry_waiting(Batch& batch, const RunKey& key);
  Result<Opened> open(Batch& batch, const Sealed& record, const RunRow& row);
  Result<void> hold(Batch& batch, const Sealed& record, bool peoples);
  Result<void> apply(Batch& batch, const Ref& ref, const Plain& plain);
  Result<void> apply_or_keep(Batch& batch, const Ref& ref, const Plain& plain);
  Result<Today*> today(Batch& batch, const NodeId& author);
  Result<bool> over_quota(Batch& batch, const Sealed& record, bool vouched);
  Result<void> save_today(Batch& batch);
  Result<void> charge(Batch& batch, const Sealed& record);
  /// False when the same octets were quarantined before, so that a replay adds nothing.
  Result<bool> first_time(Batch& batch, const Sealed& record);
  Result<Acceptance> second_under_one_number(Batch& batch, const Sealed& record, std::string why);
  Result<bool> past_revocation(Batch& batch, const Sealed& record, bool vouched, Acceptance& out);
  struct Due {
    std::uint32_t up_to = 0;
    std::array<std::uint8_t, 32> chain{};
  };
  /// Takes the run's checkpoints whose records are all here off the list.
  Result<std::vector<Due>> due_checkpoints(Batch& batch, const RunKey& key, const RunRow& row);
  /// A run that went on after a later start of its author had named its last number: that start was a rollback.
  Result<void> check_rollback(Batch& batch, const RunKey& key);
  Result<void> check_chain(Batch& batch, const RunKey& key);
  Result<void> note_checkpoint(Batch& batch, const Ref& ref, const Checkpoint& checkpoint);
  /// A hamlet owns its submissions and what becomes of them there; the commune owns states, forms and announcements.
  [[nodiscard]] bool may_write(const Plain& plain, const NodeId& author) const;
  [[nodiscard]] NodeId peer_for(const NodeId& author) const;

  Core& core_;
  RunKeys& run_keys_;
  Indexer& rooms_;
  std::map<NodeId, std::uint64_t> news_;  ///< octets of people's records per peer in this batch
  std::set<RunKey> touched_;
  std::map<NodeId, Today> today_;  ///< what each author has written to us today; flushed by settle()
  std::optional<std::uint64_t> sequence_;
  bool models_changed_ = false;
  std::uint64_t author_quota_ = author_octets_a_day;
};

}  // namespace khuoi::sync
