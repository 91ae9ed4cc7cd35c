// Which heads are whose: echoes, pasts that were lost, starts and their proofs.
#include "sync/peers/receipts.h"

namespace khuoi::sync {

namespace {

/// Row `proof/<peer>` of table meta: a start proof, then the start that the peer went by when it was told of this one.
struct KeptProof {
  Bytes octets;
  StartProof proof;
  StartId told{};
};

std::string proof_name(const NodeId& peer) { return "proof/" + peer.hex(); }

Result<std::optional<KeptProof>> kept_row(const ReadTxn& txn, const NodeId& peer) {
  KHUOI_TRY(const Bytes row, meta_octets(txn, proof_name(peer)));
  if (row.empty()) return std::optional<KeptProof>();
  KeptProof out;
  Reader from(row);
  out.octets = to_bytes(from.raw(start_proof_octets));
  out.told = from.array<8>();
  auto proof = decode_start_proof(out.octets);
  if (!from.done() || !proof) {
    return fail(Errc::damaged, "store: a start proof of a peer does not decode; restore from a backup");
  }
  out.proof = *proof;
  return std::optional(std::move(out));
}

Result<void> put_kept(Batch& batch, const NodeId& peer, ByteView octets, const StartId& told) {
  Bytes row;
  Writer(row).raw(octets).raw(told);
  return put_meta_octets(batch, proof_name(peer), row);
}

std::string heard_prefix(const NodeId& peer) { return "heard/" + peer.hex() + "/"; }

/// A peer may sign for as many starts as it likes; what is noted of them is bounded.
Result<bool> forget_some_heard(Batch& batch, const NodeId& peer, const std::string& but) {
  constexpr std::size_t heard_max = 64;
  std::vector<Bytes> names;
  KHUOI_TRY_VOID(scan_prefix(batch.txn, Table::meta, view_of(heard_prefix(peer)), [&](ByteView key, ByteView) {
    if (text_of(key) != but) names.push_back(to_bytes(key));
    return true;
  }));
  for (std::size_t i = 0; i + heard_max <= names.size(); ++i) {
    KHUOI_TRY_VOID(batch.txn.erase(Table::meta, names[i]));
  }
  return true;
}

}  // namespace

/// A head that this node gave, in this life: a backup knows the start that went on after it, so only what was stated to
/// this peer by then counts.
Result<bool> Receipts::is_mine(const ReadTxn& txn, const PeerRow& row, const Head& head) const {
  if (later(head, row.stated)) return false;
  return starts_.gave(txn, head);
}

Result<void> Receipts::note_echo(Batch& batch, const NodeId& peer, const Head& echo) {
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
Result<void> Receipts::dispute(Batch& batch, const NodeId& peer, PeerRow row, const Head& echo) {
  row.restored = true;
  row.superseded = echo;
  row.echoed = Head{};
  KHUOI_TRY_VOID(Starts::count_unknown_echo(batch));
  return peers_.put(batch, peer, row);
}

Result<void> Receipts::answer_the_past(Batch& batch, const Holdings& said) {
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

Result<bool> Receipts::first_heard(Batch& batch, const NodeId& peer, const Head& head) {
  const std::string name = heard_prefix(peer) + std::to_string(head.ordinal) + "/" + to_hex(head.start);
  KHUOI_TRY(const std::uint64_t last, meta_number(batch.txn, name));
  if (head.sequence <= last) return false;
  KHUOI_TRY_VOID(put_meta_number(batch, name, head.sequence));
  return last == 0 ? forget_some_heard(batch, peer, name) : Result<bool>(true);
}

Result<void> Receipts::note_own_statement(Batch& batch, const Holdings& said, ByteView octets) {
  const bool signed_by_me = said.from == core_.self.node && said.commune == core_.self.commune &&
                            verify_holdings(octets, said, core_.keys.sign().public_key);
  if (!signed_by_me) return {};
  const auto noted = note_own_start(batch, said.head.ordinal, said.head.start, said.to);
  return noted ? Result<void>() : noted.error();
}

Result<Receipts::Absorbed> Receipts::absorb_proof(Batch& batch, ByteView octets, const NodeId& brought_by) {
  const auto proof = decode_start_proof(octets);
  if (!proof || proof->commune != core_.self.commune) return Absorbed::rejected;
  const auto author = keys_of_author(core_, proof->node);
  if (!author || author->revoked || !verify_start_proof(octets, *proof, author->sign)) return Absorbed::rejected;
  if (proof->node == core_.self.node) return note_own_start(batch, proof->ordinal, proof->start, brought_by);
  return keep_proof(batch, *proof, octets);
}

Result<Receipts::Absorbed> Receipts::note_own_start(Batch& batch, std::uint32_t ordinal, const StartId& id,
                                                    const NodeId& brought_by) {
  if (ordinal == 0 || ordinal >= heal_ordinal) return Absorbed::old;
  KHUOI_TRY(const bool made, starts_.made(batch.txn, ordinal, id));
  if (made) return Absorbed::old;
  KHUOI_TRY(const bool left_behind, starts_.take_past(batch, ordinal, id));
  if (left_behind) writer_.end_runs();
  if (brought_by.is_zero() || brought_by == core_.self.node) return Absorbed::applied;
  KHUOI_TRY(PeerRow row, peers_.row(batch.txn, brought_by));
  if (!row.stated.is_void() && row.stated.ordinal > ordinal) return left_behind ? Absorbed::applied : Absorbed::old;
  row.restored = true;
  row.echoed = Head{};
  row.received_octets_unacknowledged += worth_acknowledging_octets;
  KHUOI_TRY_VOID(peers_.put(batch, brought_by, row));
  return Absorbed::applied;
}

/// The latest by ordinal, not that of the statement in force: where a peer was restored and set its past aside, the proof
/// of that past is what keeps old sticks from bringing it back.
Result<Receipts::Absorbed> Receipts::keep_proof(Batch& batch, const StartProof& proof, ByteView octets) {
  if (proof.ordinal >= void_ordinal) return Absorbed::old;
  KHUOI_TRY(const auto present, kept_row(batch.txn, proof.node));
  if (present && present->proof.ordinal > proof.ordinal) return Absorbed::old;
  if (present && present->proof.ordinal == proof.ordinal) {
    KHUOI_TRY(const PeerRow row, peers_.row(batch.txn, proof.node));
    const bool better = present->proof.start != row.absorbed.start && proof.start == row.absorbed.start;
    if (!better) return Absorbed::old;
  }
  KHUOI_TRY_VOID(put_kept(batch, proof.node, octets, {}));
  return Absorbed::applied;
}

Result<std::optional<Bytes>> Receipts::proof_of(const ReadTxn& txn, const NodeId& peer, const Head& head) const {
  KHUOI_TRY(const PeerRow row, peers_.row(txn, peer));
  if (head.none() || head.is_void() || row.echoed.start == head.start) return std::optional<Bytes>();
  const StartProof proof{core_.self.commune, core_.self.node, head.ordinal, head.start};
  return std::optional(encode_start_proof(proof, core_.keys.sign().secret_key));
}

Result<std::optional<Bytes>> Receipts::kept_proof(const ReadTxn& txn, const NodeId& peer) const {
  KHUOI_TRY(const auto present, kept_row(txn, peer));
  return present ? std::optional(present->octets) : std::nullopt;
}

Result<std::optional<Bytes>> Receipts::forgotten_start(const ReadTxn& txn, const NodeId& peer, const Head& head) const {
  KHUOI_TRY(const auto present, kept_row(txn, peer));
  const bool forgotten =
      present && head.ordinal <= present->proof.ordinal && head.start != present->proof.start &&
      // Told while it went by this start, it knows better: it healed, and has lower ordinals since.
      (head.none() || head.start != present->told);
  return forgotten ? std::optional(present->octets) : std::nullopt;
}

Result<void> Receipts::note_told(Batch& batch, const NodeId& peer, const Head& head) {
  KHUOI_TRY(const auto present, kept_row(batch.txn, peer));
  return present ? put_kept(batch, peer, present->octets, head.start) : Result<void>();
}

}  // namespace khuoi::sync
