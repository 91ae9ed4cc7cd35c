#pragma once

#include <set>

#include "sync/log/run_writer.h"
#include "sync/peers/holdings.h"
#include "sync/peers/start_proof.h"

namespace khuoi::sync {

/// A hamlet that only listens says what it holds once so much has come that carrying it again would be a waste.
inline constexpr std::uint64_t worth_acknowledging_octets = 256U << 10U;
/// What was said longer ago than this is said anew on a stick that passes, though nothing changed: who was put back by a
/// swap of disks learns of it so, a box learns the time, and the commune that the box is alive.
inline constexpr std::int64_t restate_after_seconds = 7 * 86'400;

/// Makes this node's statements about its holdings and takes in those of others.
class Receipts final {
 public:
  Receipts(Core& core, Peers& peers, Starts& starts, RunWriter& writer)
      : core_(core), peers_(peers), starts_(starts), writer_(writer) {}

  struct Statement {
    Head head;
    Bytes octets;
  };
  /// The statement for a peer as things stand, the same octets until something changes.
  Result<Statement> make(Batch& batch, const NodeId& peer);
  /// The head that make() will give: it stands from now on.
  Result<Head> take_head(Batch& batch, const NodeId& peer);
  /// The head of the statement that stands; nothing if the next one takes a new head.
  Result<std::optional<Head>> head(const ReadTxn& txn, const NodeId& peer) const;
  /// How many octets the statement made now has.
  Result<std::size_t> statement_octets(const ReadTxn& txn, const NodeId& peer) const;
  enum class Absorbed : std::uint8_t { applied, old, rejected };
  /// Verifies and applies a statement. Errors are the store's.
  Result<Absorbed> absorb(Batch& batch, ByteView octets, Path path);
  /// A peer told which of my statements it has, outside a statement (a session's hello). Never raises my ordinal: anybody
  /// can name a head that I never gave.
  Result<void> note_echo(Batch& batch, const NodeId& peer, const Head& echo);
  /// A session or a bundle of this peer begins: in it one echo that I never gave is answered, the others are passed over.
  void begin_visit(const NodeId& peer) { disputed_.erase(peer); }

  // --- starts and their proofs
  /// A start proof, from whoever brought it (nobody: zero). One of mine that I cannot remember has this node take a later
  /// start, and state anew to who brought it; a peer's is kept. Errors are the store's.
  Result<Absorbed> absorb_proof(Batch& batch, ByteView octets, const NodeId& brought_by);
  /// A statement of mine that was found somewhere; it proves its start as well.
  Result<void> note_own_statement(Batch& batch, const Holdings& said, ByteView octets);
  /// The proof that goes with a statement of mine which bears this head; nothing once the peer echoed that start.
  Result<std::optional<Bytes>> proof_of(const ReadTxn& txn, const NodeId& peer, const Head& head) const;
  /// The latest start of a peer that it proved here.
  Result<std::optional<Bytes>> kept_proof(const ReadTxn& txn, const NodeId& peer) const;
  /// The same, if the peer, whose head for me this is now, seems to have forgotten that start, and was not told yet.
  Result<std::optional<Bytes>> forgotten_start(const ReadTxn& txn, const NodeId& peer, const Head& head) const;
  Result<void> note_told(Batch& batch, const NodeId& peer, const Head& head);
  /// What the peer holds of this node's own records that this node lost.
  Result<std::vector<Holdings::Want>> lost(const ReadTxn& txn, const NodeId& peer) const;
  /// Some of a file came that is here whole: its author does not know that it was told so, or forgot.
  Result<void> tell_file_again(Batch& batch, const FileId& file);
  /// All that is held now is in a verified backup. Receipts will say safe.
  Result<void> mark_safe(Batch& batch, const std::vector<std::pair<RunKey, RangeSet>>& backed_up);
  /// An announcement was made: a box that started since the last statement, and that only sticks reach, learns from a new
  /// one what time it is, or the announcement would wait there for a person.
  Result<void> tell_time(Batch& batch);
  /// Whether a new statement is due for this peer though nothing changed: the last one is old.
  static bool is_stale(const PeerRow& row, const Now& now);
  /// The next statement for this peer is a new one.
  Result<void> restate(Batch& batch, const NodeId& peer);
  /// This node was put back from a backup: every peer is told anew what it holds, whatever they had heard.
  Result<void> note_restored(Batch& batch);
  /// A commune learned of boxes from others: it granted them before it was restored. They must hear that it holds nothing
  /// of theirs.
  Result<void> note_learned_boxes(Batch& batch);
  /// The commune's time, from the latest statement absorbed since this start, carried on by the monotonic clock.
  [[nodiscard]] std::optional<UnixSeconds> trusted_time(const Now& now) const;
  /// Whether a live answer told it; else a statement that may have been days under way.
  [[nodiscard]] bool trusted_time_is_live() const { return live_time_; }
  /// A live answer of the commune told the time: no statement outranks it until the next start.
  void set_trusted_time(UnixSeconds at, const Now& now);
  /// Now, as it is noted for people: the commune's time if a live answer told it since this start, else this box's own.
  [[nodiscard]] Passages::Moment moment(const Now& now) const;
  /// This box left the commune that told it.
  void forget_time() {
    trusted_.reset();
    live_time_ = false;
  }
  /// After a failed commit.
  void forget() { disputed_.clear(); }

 private:
  Result<bool> is_mine(const ReadTxn& txn, const PeerRow& row, const Head& head) const;
  Result<void> dispute(Batch& batch, const NodeId& peer, PeerRow row, const Head& echo);
  Result<Absorbed> note_own_start(Batch& batch, std::uint32_t ordinal, const StartId& id, const NodeId& brought_by);
  Result<Absorbed> keep_proof(Batch& batch, const StartProof& proof, ByteView octets);
  Result<void> apply(Batch& batch, const Holdings& said, Path path);
  Result<bool> first_heard(Batch& batch, const NodeId& peer, const Head& head);
  Result<void> answer_the_past(Batch& batch, const Holdings& said);
  Result<bool> wants_changed(Batch& batch, const NodeId& peer, const std::vector<Holdings::Want>& wants);
  /// All that a statement says but its head and time; `first_told`: the files it names as complete for the first time.
  Result<Holdings> what_is_held(const ReadTxn& txn, const NodeId& peer, std::vector<FileId>& first_told) const;
  Result<void> add_files(const ReadTxn& txn, const NodeId& peer, const PeerRow& row, Holdings& to,
                         std::vector<FileId>& first_told) const;

  Core& core_;
  Peers& peers_;
  Starts& starts_;
  RunWriter& writer_;
  std::set<NodeId> disputed_;  ///< peers with an echo that was answered in this session or bundle
  std::optional<std::pair<UnixSeconds, Instant>> trusted_;
  bool live_time_ = false;
};

}  // namespace khuoi::sync
