#pragma once

#include "sync/exchange/holdings.h"
#include "sync/replica/run_writer.h"

namespace khuoi::sync {

/// A hamlet that only listens says what it holds once so much has come that carrying it again would be a waste.
inline constexpr std::uint64_t worth_acknowledging_octets = 256U << 10U;
/// What was said longer ago than this is said anew on a stick that passes, though nothing changed: who was put back by a
/// swap of disks learns of it so, a box learns the time, and the commune that the box is alive.
inline constexpr std::int64_t restate_after_seconds = 7 * 86'400;

/// Makes this node's statements about its holdings and takes in those of others.
class Receipts final {
 public:
  Receipts(Core& core, Peers& peers, RunWriter& writer) : core_(core), peers_(peers), writer_(writer) {}

  /// The statement for a peer as things stand, the same octets until something changes.
  Result<Bytes> make(Batch& batch, const NodeId& peer);
  /// The head that make() would give.
  Result<Head> head(Batch& batch, const NodeId& peer);
  enum class Absorbed : std::uint8_t { applied, old, rejected };
  /// Verifies and applies a statement. Errors are the store's.
  Result<Absorbed> absorb(Batch& batch, ByteView octets, Path path);
  /// A peer told which of my statements it has, outside a statement (a session's hello).
  Result<void> note_echo(Batch& batch, const NodeId& peer, const Head& echo);
  /// What the peer holds of this node's own records that this node lost.
  Result<std::vector<Holdings::Want>> lost(const ReadTxn& txn, const NodeId& peer);
  /// Some of a file came that is here whole: its author does not know that it was told so, or forgot.
  Result<void> tell_file_again(Batch& batch, const FileId& file);
  /// All that is held now is in a verified backup. Receipts will say safe.
  Result<void> mark_safe(Batch& batch, const std::vector<std::pair<RunKey, RangeSet>>& backed_up);
  /// An announcement was made: a box that started since the last statement, and that only sticks reach, learns from a new
  /// one what time it is, or the announcement would wait there for a person.
  Result<void> tell_time(Batch& batch);
  /// A new statement is due for this peer though nothing changed; true when it is.
  Result<bool> restate(Batch& batch, const NodeId& peer);
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
  void forget_start() { start_.reset(); }
  /// This box left the commune that told it.
  void forget_time() {
    trusted_.reset();
    live_time_ = false;
  }

 private:
  Result<std::array<std::uint8_t, 8>> start(Batch& batch);
  Result<bool> is_mine(const ReadTxn& txn, const Head& head) const;
  Result<void> apply(Batch& batch, const Holdings& said, Path path);
  Result<bool> first_heard(Batch& batch, const NodeId& peer, const Head& head);
  Result<void> answer_the_past(Batch& batch, const Holdings& said);
  Result<bool> wants_changed(Batch& batch, const NodeId& peer, const std::vector<Holdings::Want>& wants);
  Result<void> add_files(Batch& batch, const NodeId& peer, const PeerRow& row, Holdings& to);

  Core& core_;
  Peers& peers_;
  RunWriter& writer_;
  std::optional<std::array<std::uint8_t, 8>> start_;
  std::optional<std::pair<UnixSeconds, Instant>> trusted_;
  bool live_time_ = false;
};

}  // namespace khuoi::sync
