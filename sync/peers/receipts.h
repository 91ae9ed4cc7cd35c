#pragma once

#include "sync/peers/echoes.h"
#include "sync/peers/peer_said.h"
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
      : core_(core), peers_(peers), starts_(starts), said_(core, peers), echoes_(core, peers, starts, writer) {}

  struct Statement {
    Head head;
    Bytes octets;
    bool later = false;  ///< of version 2, which readers of version 1 take for damage
    Bytes notice;        ///< beside one of version 1: by it a reader of version 2 shows that it need not be told all again
  };
  /// What a statement lists that is not whole: what changed, or, where anybody may read it on the way and carries for its
  /// reader, older runs too, the newest first.
  enum class Lists : std::uint8_t { changes, more };
  /// The statement for a peer as things stand, the same octets until something changes.
  Result<Statement> make(Batch& batch, const NodeId& peer, Lists lists = Lists::changes);
  /// The head that make() will give: it stands from now on.
  Result<Head> take_head(Batch& batch, const NodeId& peer);
  /// The head of the statement that stands; nothing if the next one takes a new head.
  Result<std::optional<Head>> head(const ReadTxn& txn, const NodeId& peer) const;
  /// How many octets the statement made now for a stick has.
  Result<std::size_t> statement_octets(const ReadTxn& txn, const NodeId& peer) const;
  enum class Absorbed : std::uint8_t { applied, old, rejected };
  /// Verifies and applies a statement; one of mine proves its start. Errors: unsupported (of a later version), the store's.
  Result<Absorbed> absorb(Batch& batch, ByteView octets, Path path);
  /// A start proof, from whoever brought it (nobody: zero). One of mine that I cannot remember has this node take a later
  /// start, and state anew to who brought it; a peer's is kept. Errors are the store's.
  Result<Absorbed> absorb_proof(Batch& batch, ByteView octets, const NodeId& brought_by);
  /// The proof that goes with a statement of mine which bears this head; nothing once the peer echoed that start.
  Result<std::optional<Bytes>> proof_of(const ReadTxn& txn, const NodeId& peer, const Head& head) const;
  /// What the peer holds of this node's own records that this node lost.
  Result<std::vector<Holdings::Want>> lost(const ReadTxn& txn, const NodeId& peer) const { return said_.lost(txn, peer); }
  /// A live peer told whether it reads version 2.
  Result<void> note_reads_tallies(Batch& batch, const NodeId& peer, bool reads);
  Result<bool> reads_tallies(const ReadTxn& txn, const NodeId& peer) const;
  /// What the peer said under the head that applied last, as Hello tells it; 0 where nobody counted it.
  Result<std::uint32_t> echo_sum(const ReadTxn& txn, const NodeId& peer) const;
  /// The peer knows, under a head that it echoes, this of what is held here. If that head stands and is of another sum, a
  /// copy of this disk gave it, or the peer's rows are damaged: it is told all, as if it had asked.
  Result<void> note_echo_sum(Batch& batch, const NodeId& peer, const Head& echo, std::uint32_t sum);
  /// The peer asks to be told all. Once an hour; later askings wait.
  Result<void> note_asks_whole(Batch& batch, const NodeId& peer);
  /// What the peer said last does not add up here: it shall say all.
  Result<bool> asks_whole(const ReadTxn& txn, const NodeId& peer) const;
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
  Echoes& echoes() { return echoes_; }

 private:
  Result<void> apply(Batch& batch, const Holdings& said, Path path, bool sets_aside);
  Result<bool> wants_changed(Batch& batch, const NodeId& peer, const std::vector<Holdings::Want>& wants);
  /// Of the peer's files in a statement.
  struct FilesTold {
    std::vector<FileId> first;   ///< named as complete for the first time
    std::vector<FileId> done;    ///< of which nothing is to be told any more
    bool looked_at_all = false;
  };
  /// All that a statement says but its head and time.
  Result<Holdings> what_is_held(const ReadTxn& txn, const NodeId& peer, Lists lists, FilesTold& files) const;
  Result<void> add_older(const ReadTxn& txn, Holdings& to) const;
  Result<void> add_files(const ReadTxn& txn, const NodeId& peer, const PeerRow& row, Holdings& to, FilesTold& told) const;

  Result<std::optional<Runs::Changed>> changed_since_echo(const ReadTxn& txn, const NodeId& peer) const;
  Result<void> ask_for_whole(Batch& batch, const NodeId& peer);
  Result<void> ask_if_other(Batch& batch, const Holdings& said);
  Result<void> ask_for_more_lost(Batch& batch, const NodeId& peer);

  Core& core_;
  Peers& peers_;
  Starts& starts_;
  PeerSaid said_;
  Echoes echoes_;
};

}  // namespace khuoi::sync
