// Of Receipts: when all is told that is held, and when a peer is asked to.
#include <cstdlib>

#include "sync/peers/receipts.h"

namespace khuoi::sync {

namespace {
/// Who asks for all it was told asks once in so long; in between its askings wait.
constexpr std::int64_t whole_every_seconds = 3600;
}  // namespace

/// Once all is back that this node knew to be lost, and there was more.
Result<void> Receipts::ask_for_more_lost(Batch& batch, const NodeId& peer) {
  KHUOI_TRY(ToldOf told, told_of_rows.get_or_new(batch.txn, peer));
  if (!told.more_lost) return {};
  KHUOI_TRY(const auto missing, lost(batch.txn, peer));
  if (!missing.empty()) return {};
  told.more_lost = false;
  told.asks_whole = true;
  return told_of_rows.put(batch, peer, told);
}

Result<void> Receipts::note_reads_tallies(Batch& batch, const NodeId& peer, bool reads) {
  KHUOI_TRY(ToldOf told, told_of_rows.get_or_new(batch.txn, peer));
  if (told.reads_tallies == reads) return {};
  told.reads_tallies = reads;
  return told_of_rows.put(batch, peer, told);
}

Result<void> Receipts::note_asks_whole(Batch& batch, const NodeId& peer) {
  KHUOI_TRY(ToldOf told, told_of_rows.get_or_new(batch.txn, peer));
  const std::int64_t ago = std::abs(batch.now.wall.value - told.asked_at.value);  // clocks jump both ways
  if (told.owes_whole != 0 && ago < whole_every_seconds) return {};
  KHUOI_TRY_VOID(restate(batch, peer));
  KHUOI_TRY(const PeerRow row, peers_.row(batch.txn, peer));
  told.owes_whole = row.my_sequence;
  told.asked_at = batch.now.wall;
  return told_of_rows.put(batch, peer, told);
}

Result<std::uint32_t> Receipts::echo_sum(const ReadTxn& txn, const NodeId& peer) const {
  KHUOI_TRY(const ToldOf told, told_of_rows.get_or_new(txn, peer));
  KHUOI_TRY(const PeerRow row, peers_.row(txn, peer));
  return told.counted && !row.absorbed.none() ? told.tally.mark() : 0;
}

Result<void> Receipts::note_echo_sum(Batch& batch, const NodeId& peer, const Head& echo, std::uint32_t sum) {
  KHUOI_TRY(const auto stands, head(batch.txn, peer));
  if (sum == 0 || !stands || *stands != echo) return {};
  KHUOI_TRY(const auto held, core_.runs.changed_since(batch.txn, peer, echo.sequence));
  return held.tally.mark() == sum ? Result<void>() : note_asks_whole(batch, peer);
}

Result<bool> Receipts::reads_tallies(const ReadTxn& txn, const NodeId& peer) const {
  KHUOI_TRY(const ToldOf told, told_of_rows.get_or_new(txn, peer));
  return told.reads_tallies;
}

Result<bool> Receipts::asks_whole(const ReadTxn& txn, const NodeId& peer) const {
  KHUOI_TRY(const ToldOf told, told_of_rows.get_or_new(txn, peer));
  return told.asks_whole;
}

/// What it lists does not give what it says in sum: it was made for somebody who knew more, or less. Nothing of it
/// counts, and the next word to its signer asks for all.
Result<void> Receipts::ask_for_whole(Batch& batch, const NodeId& peer) {
  KHUOI_TRY(ToldOf told, told_of_rows.get_or_new(batch.txn, peer));
  if (told.asks_whole) return {};
  told.asks_whole = true;
  KHUOI_TRY_VOID(told_of_rows.put(batch, peer, told));
  return restate(batch, peer);
}

/// The head that applied last, with another sum: its signer is two by now, or what stands here is damaged. Which of
/// them is right, a whole one tells.
Result<void> Receipts::ask_if_other(Batch& batch, const Holdings& said) {
  KHUOI_TRY(const ToldOf told, told_of_rows.get_or_new(batch.txn, said.from));
  return said.version != 1 && told.counted && told.tally != said.tally ? ask_for_whole(batch, said.from)
                                                                       : Result<void>();
}

}  // namespace khuoi::sync
