#include "sync/contact/session_statements.h"

#include <utility>

#include "sync/peers/radio_marks.h"

namespace khuoi::sync {

namespace {
// A peer's echo moves once for each statement it applies; so often it may say something else.
constexpr std::uint64_t echoes_spare = 16;
// A receiver tells what it holds when the sender pauses, and at the latest after so much.
constexpr std::uint64_t statement_every_octets = 4U << 20U;
}  // namespace

Result<void> SessionStatements::begin(Batch& batch, const Hello& hello) {
  hello_ = hello;
  replica_.receipts().echoes().begin_visit(peer_);
  KHUOI_TRY_VOID(replica_.receipts().note_reads_tallies(batch, peer_, (hello.capabilities & takes_tallies) != 0));
  KHUOI_TRY_VOID(take_echo(batch, hello.echo));
  if (hello.say_whole) KHUOI_TRY_VOID(replica_.receipts().note_asks_whole(batch, peer_));
  KHUOI_TRY_VOID(replica_.receipts().note_echo_sum(batch, peer_, hello.echo, hello.echo_sum));
  KHUOI_TRY(const PeerRow row, replica_.peers().row(batch.txn, peer_));
  awaited_ = !hello.head.none() && hello.head != row.absorbed;
  if (!awaited_) KHUOI_TRY_VOID(forget_marks_of_lost_lives(batch, hello.head));
  if (takes_proofs()) {
    KHUOI_TRY(forgotten_, KeptProofs::forgotten(batch.txn, peer_, hello.head));
  }
  return {};
}

/// A head that a peer names in a session is the latest that it gave to this node: what it acknowledged by radio under a
/// later start is of a life that its disk forgot; so is all of it where it never had anything to tell. On a stick such a
/// head may be an old one.
Result<void> SessionStatements::forget_marks_of_lost_lives(Batch& batch, const Head& live) {
  if (live.is_void()) return {};
  return RadioMarks::forget_later(batch, peer_, {live.ordinal, live.start, static_cast<std::uint8_t>(live.start.size())});
}

Result<bool> SessionStatements::take(Batch& batch, Taker& taker, ByteView tagged) {
  awaited_ = awaited_ && !is_statement(StatementType::holdings, tagged);
  KHUOI_TRY(const auto said, taker.statement(batch, tagged, peer_));
  if (said != Taker::Said::news) return false;  // one of a later version is stepped over, as on a stick
  if (is_statement(StatementType::holdings, tagged)) {
    KHUOI_TRY(const PeerRow row, replica_.peers().row(batch.txn, peer_));
    KHUOI_TRY_VOID(forget_marks_of_lost_lives(batch, row.absorbed));
  }
  if (!is_statement(StatementType::start_proof, tagged)) return true;
  // Of a start of mine that is lost here: the peer is told of a new one at once. A proof of its own needs no answer.
  KHUOI_TRY(const PeerRow row, replica_.peers().row(batch.txn, peer_));
  if (row.restored) head_sent_.reset();
  return false;
}

Result<void> SessionStatements::take_echo(Batch& batch, const Head& echo) {
  if (echo_taken_ == echo) return {};
  echo_taken_ = echo;
  if (++echoes_taken_ > statements_sent_ + echoes_spare) {
    return fail(Errc::malformed, "the peer names ever other statements that it had: it is broken, or hostile");
  }
  return replica_.receipts().echoes().note(batch, peer_, echo);
}

Result<void> SessionStatements::note_pause(Batch& batch, bool all_taken) {
  awaited_ = false;
  if (!all_taken || !std::exchange(forgotten_sent_, false)) return {};
  return KeptProofs::note_told(batch, peer_, hello_.head);
}

Result<std::vector<Bytes>> SessionStatements::next(Batch& batch, const Giver& giver, bool peer_pauses) {
  std::vector<Bytes> out;
  if (forgotten_) {
    forgotten_sent_ = true;
    out.push_back(tag_statement(StatementType::start_proof, *std::exchange(forgotten_, {})));
    return out;
  }
  // A hamlet lets its commune speak first: mostly it has nothing that the commune lacks.
  if (owes_roster() && (replica_.self().is_commune() || peer_pauses)) {
    roster_sent_ = true;
    return replica_.roster_statements();
  }
  if (head_sent_ && !peer_pauses && octets_since_statement_ < statement_every_octets) return out;
  KHUOI_TRY(const bool owes, giver.owes_statement(batch.txn, peer_, head_sent_.value_or(hello_.echo)));
  if (!owes) {  // the peer has the one that stands, if any does: the next waits for a pause
    KHUOI_TRY(head_sent_, replica_.receipts().head(batch.txn, peer_));
    return out;
  }
  KHUOI_TRY(auto stated, giver.state(batch, peer_));
  if (takes_proofs() && stated.proof) out.push_back(std::move(*stated.proof));
  out.push_back(std::move(stated.holdings));
  ++statements_sent_;
  head_sent_ = stated.head;
  octets_since_statement_ = 0;
  return out;
}

Result<bool> SessionStatements::due(const ReadTxn& txn, const Giver& giver) const {
  return owes_roster() || forgotten_ ? Result<bool>(true) : giver.owes_statement(txn, peer_, hello_.echo);
}

}  // namespace khuoi::sync
