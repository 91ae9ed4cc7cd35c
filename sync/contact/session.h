#pragma once

#include "sync/contact/giver.h"
#include "sync/contact/session_statements.h"
#include "sync/contact/taker.h"

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
  [[nodiscard]] Counts counts() const;

 private:
  Result<void> on_hello(Batch& batch, const Hello& hello);
  Result<void> on_statement(Batch& batch, const StatementMessage& message);
  Result<void> on_records(Batch& batch, const RecordsMessage& message);
  Result<void> on_carried(Batch& batch, const CarriedMessage& message);
  Result<void> on_caught_up(Batch& batch, const CaughtUp& message);
  Result<Hello> make_hello(Batch& batch);
  Result<bool> anything_to_send(Batch& batch);
  Result<bool> next_statements(Batch& batch, std::vector<Bytes>& out);
  Result<bool> next_records(Batch& batch, std::vector<Bytes>& out);
  Result<bool> next(Batch& batch, std::vector<Bytes>& out);
  Result<void> say_caught_up(Batch& batch, std::vector<Bytes>& out);
  void push(const SessionMessage& message, std::vector<Bytes>& out, bool counted);
  Result<void> plan(Batch& batch);

  Replica& replica_;
  Config config_;
  SignPublic peer_key_;
  NodeId peer_;
  Taker taker_;
  Giver giver_;
  SessionStatements statements_;
  std::optional<Hello> peer_hello_;
  std::uint64_t nonce_ = 0;
  bool hello_sent_ = false;
  bool plan_again_ = true;
  Load load_;
  Given given_;                            ///< segments of other boxes only until the peer has taken all
  std::uint64_t taken_ = 0;                ///< messages of data taken from the peer
  std::uint64_t sent_ = 0;                 ///< messages of data sent to it
  std::optional<std::uint64_t> said_taken_;
  std::uint64_t said_sent_ = 0;
  std::optional<std::uint64_t> peer_taken_;  ///< of its last caught-up
  bool peer_caught_up_ = false;            ///< nothing came from it since it said so
};

}  // namespace khuoi::sync
