#pragma once

#include "sync/contact/giver.h"
#include "sync/contact/taker.h"
#include "sync/wire/messages.h"

namespace khuoi::sync {

/// When two nodes in a session tell each other what they hold, and what they know of each other's statements.
class SessionStatements final {
 public:
  SessionStatements(Replica& replica, const NodeId& peer) : replica_(replica), peer_(peer) {}

  /// The peer said hello.
  Result<void> begin(Batch& batch, const Hello& hello);
  /// A tagged one came. True: it was news about what the peer holds or knows.
  Result<bool> take(Batch& batch, Taker& taker, ByteView tagged);
  /// An honest peer echoes each statement that it applies, once. Errors: malformed, for one that goes on naming heads:
  /// each costs this node a look at its row, and the peer a few octets.
  Result<void> take_echo(Batch& batch, const Head& echo);
  /// So many octets of data came since the peer last paused.
  void note_octets(std::size_t octets) { octets_since_statement_ += octets; }
  /// The peer has nothing more to say; `all_taken`: it took in all that was sent.
  Result<void> note_pause(Batch& batch, bool all_taken);
  /// The peer will say what it holds: until then nothing is sent twice.
  [[nodiscard]] bool awaited() const { return awaited_; }

  /// What to say now, tagged; none when there is nothing. `peer_pauses`: nothing came since it said that it was through.
  Result<std::vector<Bytes>> next(Batch& batch, const Giver& giver, bool peer_pauses);
  /// Whether there will be something to say whatever the peer says.
  Result<bool> due(const ReadTxn& txn, const Giver& giver) const;

 private:
  [[nodiscard]] bool owes_roster() const { return !roster_sent_ && replica_.roster().digest() != hello_.roster_digest; }
  [[nodiscard]] bool takes_proofs() const { return (hello_.capabilities & takes_later_statements) != 0; }

  Result<void> forget_marks_of_lost_lives(Batch& batch, const Head& live);

  Replica& replica_;
  NodeId peer_;
  Hello hello_;                      ///< the peer's
  bool awaited_ = false;
  bool roster_sent_ = false;
  std::optional<Head> head_sent_;    ///< the last statement of holdings sent in this session, or echoed
  std::uint64_t statements_sent_ = 0;  ///< of holdings
  std::optional<Head> echo_taken_;   ///< the peer's last
  std::uint64_t echoes_taken_ = 0;
  std::optional<Bytes> forgotten_;   ///< the proof of a start that the peer seems to have forgotten, to be sent
  bool forgotten_sent_ = false;      ///< until the peer took it in
  std::uint64_t octets_since_statement_ = 0;
};

}  // namespace khuoi::sync
