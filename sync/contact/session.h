#pragma once

#include <deque>

#include "sync/contact/custody.h"
#include "sync/contact/giver.h"
#include "sync/contact/taker.h"
#include "sync/wire/block.h"
#include "sync/wire/messages.h"

namespace khuoi::sync {

/// One conversation with one peer over a reliable, ordered, authenticated link: hello, statements of what each side
/// holds, records and chunks both ways, receipts. It never sees a socket or a clock.
///
/// The driver's rule: give each whole message to on_message inside a batch; in the same batch drain transmit(); commit;
/// only then put what transmit gave onto the link. When the batch could not be committed, drop the session and the
/// link: nothing is lost, the next session resumes from what each side holds.
class Session final {
 public:
  struct Config {
    bool dials = false;           ///< sends the first hello
    bool offers_grant = false;    ///< the peer closed without a word: it may have forgotten us
    std::size_t block_octets = 16 * 1024;  ///< small enough for a link of 30 kbit/s that is cut every minute
  };
  /// `peer_key` is what the link proved. Borrows the replica for its life.
  Session(Replica& replica, const Config& config, const SignPublic& peer_key);

  /// Takes one message. Errors: malformed, unauthenticated or denied (a peer that is not in the roster, or revoked):
  /// close without a word; what the store says.
  Result<void> on_message(Batch& batch, const ReceivedMessage& received);
  Result<void> on_message(Batch& batch, ByteView packed);
  /// Up to about `octets_max` octets of messages, each to be framed by the driver; none when there is nothing to say now.
  Result<std::vector<Bytes>> transmit(Batch& batch, std::size_t octets_max);
  /// Something was written here since: plan again.
  void on_local_change() { plan_again_ = true; }

  /// The peer said hello and was believed.
  [[nodiscard]] bool established() const { return peer_hello_.has_value(); }
  /// Both sides have nothing more to say: a single contact may end now.
  [[nodiscard]] bool finished() const;
  [[nodiscard]] const NodeId& peer() const { return peer_; }
  [[nodiscard]] const Counts& counts() const { return taker_.counts(); }

 private:
  Result<void> on_hello(Batch& batch, const Hello& hello);
  Result<void> on_statement(Batch& batch, const StatementMessage& message);
  Result<void> on_records(Batch& batch, const RecordsMessage& message);
  Result<void> on_chunk(Batch& batch, const ChunkMessage& message, const std::optional<ChunkHash>& hash);
  Result<void> on_caught_up(Batch& batch, const CaughtUp& message);
  Result<void> take_echo(Batch& batch, const Head& echo);
  Result<Hello> make_hello(Batch& batch);
  Result<void> plan(Batch& batch);
  void push_statement(StatementType type, ByteView octets, std::vector<Bytes>& out);
  Result<bool> next_statement(Batch& batch, std::vector<Bytes>& out);
  Result<bool> next_records(Batch& batch, std::vector<Bytes>& out);
  Result<bool> next_chunk(Batch& batch, std::vector<Bytes>& out);
  Result<bool> next_carried(Batch& batch, std::vector<Bytes>& out);
  Result<void> on_carried(Batch& batch, const CarriedMessage& message);
  Result<void> note_given(Batch& batch, bool all_taken);
  Result<void> say_caught_up(Batch& batch, std::vector<Bytes>& out);
  void push(const SessionMessage& message, std::vector<Bytes>& out, bool counted);
  Result<bool> anything_to_send(Batch& batch);

  Replica& replica_;
  Config config_;
  SignPublic peer_key_;
  NodeId peer_;
  Taker taker_;
  Giver giver_;
  std::optional<Hello> peer_hello_;
  std::uint64_t nonce_ = 0;
  bool hello_sent_ = false;
  bool plan_again_ = true;
  bool awaits_statement_ = false;          ///< the peer will say what it holds: until then nothing is sent twice
  bool roster_sent_ = false;
  std::optional<Head> head_sent_;          ///< the last statement of holdings sent in this session, or echoed
  std::uint64_t statements_sent_ = 0;      ///< of holdings
  std::optional<Head> echo_taken_;         ///< the peer's last
  std::uint64_t echoes_taken_ = 0;
  std::optional<Bytes> forgotten_;         ///< the proof of a start that the peer seems to have forgotten, to be sent
  bool forgotten_sent_ = false;            ///< until the peer took it in
  std::uint64_t octets_since_statement_ = 0;
  std::uint64_t taken_ = 0;                ///< messages of data taken from the peer
  std::uint64_t sent_ = 0;                 ///< messages of data sent to it
  std::optional<std::uint64_t> said_taken_;
  std::uint64_t said_sent_ = 0;
  std::optional<std::uint64_t> peer_taken_;  ///< of its last caught-up
  bool peer_caught_up_ = false;            ///< nothing came from it since it said so
  std::deque<Candidate> records_;
  Planner::Gone gone_;
  Passages::Numbers given_;                ///< own records that the peer is known to have committed
  std::deque<Planner::FileNeed> files_;
  std::deque<ChunkPlace> chunks_;
  std::map<FileId, HeldChunks> chunks_gone_;
  std::deque<Custody::Name> carried_;      ///< other boxes' segments, after all else
  std::set<Custody::Name> carried_gone_;   ///< sent; dropped once the peer has taken all
};

}  // namespace khuoi::sync
