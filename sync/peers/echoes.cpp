#include "sync/peers/echoes.h"

#include "sync/peers/receipts.h"

namespace khuoi::sync {

namespace {
/// By peer, ordinal and start: the last sequence heard of it.
using HeardStart = std::tuple<NodeId, std::uint64_t, StartId>;
constexpr Rows<HeardStart, std::uint64_t> heard_starts{Note::heard, "what was heard of a start of a peer"};

/// A peer may sign for as many starts as it likes; what is noted of them is bounded.
Result<bool> forget_some_heard(Batch& batch, const NodeId& peer, const HeardStart& but) {
  constexpr std::size_t heard_max = 64;
  KHUOI_TRY(auto all, heard_starts.keys(batch.txn, peer));
  std::erase(all, but);
  for (std::size_t i = 0; i + heard_max <= all.size(); ++i) KHUOI_TRY_VOID(heard_starts.erase(batch, all[i]));
  return true;
}
}  // namespace

/// A head that this node gave, in this life: a backup knows the start that went on after it, so only what was stated to
/// this peer by then counts.
Result<bool> Echoes::is_mine(const ReadTxn& txn, const PeerRow& row, const Head& head) const {
  if (later(head, row.stated)) return false;
  return starts_.gave(txn, head);
}

Result<bool> Echoes::is_mine(const ReadTxn& txn, const NodeId& peer, const Head& head) const {
  KHUOI_TRY(const PeerRow row, peers_.row(txn, peer));
  return head.none() ? Result<bool>(false) : is_mine(txn, row, head);
}

Result<void> Echoes::note(Batch& batch, const NodeId& peer, const Head& echo) {
  KHUOI_TRY(PeerRow row, peers_.row(batch.txn, peer));
  if (echo == row.echoed) return {};
  if (row.restored && row.superseded == echo) return {};  // it was not told yet that this one is set aside
  if (echo.none()) {  // set back to before it heard of me: what was told once is told again
    row.echoed = echo;
    return peers_.put(batch, peer, row);
  }
  KHUOI_TRY(const bool mine, is_mine(batch.txn, row, echo));
  if (!mine) {
    // Once a session or bundle: a peer can name as many heads as it likes, and each answer is a statement.
    const bool first = row.superseded != echo && disputed_.insert(peer).second;
    return first ? dispute(batch, peer, std::move(row), echo) : Result<void>();
  }
  row.echoed = echo;
  if (echo == row.stated) row.superseded = Head{};
  KHUOI_TRY_VOID(starts_.note_echoed(batch, echo.ordinal));
  return peers_.put(batch, peer, row);
}

/// The peer has a statement of mine that I never made, or forgot: I was restored from a backup, or it lies. What it
/// believes I hold must be set aside by a statement to it that says so, since that head may be later than any of mine.
/// My ordinal stays: only my own signature tells that there was such a start.
Result<void> Echoes::dispute(Batch& batch, const NodeId& peer, PeerRow row, const Head& echo) {
  row.restored = true;
  row.superseded = echo;
  row.echoed = Head{};
  KHUOI_TRY_VOID(Starts::count_unknown_echo(batch));
  return peers_.put(batch, peer, row);
}

Result<void> Echoes::answer_the_past(Batch& batch, const Holdings& said) {
  // Replayed from an old stick, or its signer was restored and cannot know it yet: it finds out by what I echo. My
  // statement must be a new one, or its signer passes it over; so each of its heads is answered once.
  KHUOI_TRY(const bool news, first_heard(batch, said.from, said.head));
  KHUOI_TRY(PeerRow row, peers_.row(batch.txn, said.from));
  // It may lack statements, which is told again; that it had them once proves nothing about now.
  if (said.roster_digest != core_.roster.digest()) row.roster_digest = said.roster_digest;
  if (!news) return peers_.put(batch, said.from, row);
  row.received_octets_unacknowledged += worth_acknowledging_octets;
  KHUOI_TRY(row.my_sequence, next_holdings_sequence(batch));
  // Its echo may name a start that I never made: I was restored, too, and each of us would pass the other's heads over.
  KHUOI_TRY(const bool mine, said.echo.none() ? Result<bool>(true) : is_mine(batch.txn, row, said.echo));
  if (!mine) return dispute(batch, said.from, std::move(row), said.echo);
  row.echoed = Head{};
  return peers_.put(batch, said.from, row);
}

Result<bool> Echoes::first_heard(Batch& batch, const NodeId& peer, const Head& head) {
  const HeardStart start{peer, head.ordinal, head.start};
  KHUOI_TRY(const std::uint64_t last, heard_starts.get_or_new(batch.txn, start));
  if (head.sequence <= last) return false;
  KHUOI_TRY_VOID(heard_starts.put(batch, start, head.sequence));
  return last == 0 ? forget_some_heard(batch, peer, start) : Result<bool>(true);
}

Result<bool> Echoes::note_own_start(Batch& batch, std::uint32_t ordinal, const StartId& id, const NodeId& brought_by) {
  if (ordinal == 0 || ordinal >= heal_ordinal) return false;
  KHUOI_TRY(const bool made, starts_.made(batch.txn, ordinal, id));
  if (made) return false;
  KHUOI_TRY(const bool left_behind, starts_.take_past(batch, ordinal, id));
  if (left_behind) writer_.end_runs();
  if (brought_by.is_zero() || brought_by == core_.self.node) return true;
  KHUOI_TRY(PeerRow row, peers_.row(batch.txn, brought_by));
  if (!row.stated.is_void() && row.stated.ordinal > ordinal) return left_behind;
  row.restored = true;
  row.echoed = Head{};
  row.received_octets_unacknowledged += worth_acknowledging_octets;
  KHUOI_TRY_VOID(peers_.put(batch, brought_by, row));
  return true;
}

}  // namespace khuoi::sync
