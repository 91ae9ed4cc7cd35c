#include "sync/peers/start_proof.h"

#include "sync/base/check.h"

namespace khuoi::sync {

namespace {
constexpr std::uint8_t start_proof_version = 1;

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
}  // namespace

Bytes encode_start_proof(const StartProof& proof, const Secret& sign_secret) {
  Bytes out;
  Writer to(out);
  to.u8(start_proof_version).raw(proof.commune.view()).raw(proof.node.view()).u32(proof.ordinal).raw(proof.start);
  append(out, sign(sign_secret, Purpose::start, proof.commune, {ByteView(out)}));
  KHUOI_CHECK(out.size() == start_proof_octets);
  return out;
}

Result<StartProof> decode_start_proof(ByteView octets) {
  if (octets.empty()) return fail(Errc::malformed, "start proof: empty");
  Reader from(octets);
  if (from.u8() != start_proof_version) return fail(Errc::unsupported, "start proof: of a later version");
  if (octets.size() != start_proof_octets) return fail(Errc::malformed, "start proof: not 93 octets");
  StartProof out;
  out.commune = CommuneId(from.array<8>());
  out.node = NodeId(from.array<8>());
  out.ordinal = from.u32();
  out.start = from.array<8>();
  if (out.ordinal == 0) return fail(Errc::malformed, "start proof: of no start");
  return out;
}

bool verify_start_proof(ByteView octets, const StartProof& decoded, const SignPublic& key) {
  const std::size_t signed_octets = octets.size() - signature_octets;
  return verify(key, Purpose::start, decoded.commune, {octets.first(signed_octets)}, octets.last(signature_octets));
}

Result<bool> KeptProofs::keep(Batch& batch, const StartProof& proof, ByteView octets, const StartId& goes_by) {
  if (proof.ordinal >= void_ordinal) return false;
  KHUOI_TRY(const auto present, kept_row(batch.txn, proof.node));
  const bool earlier = present && present->proof.ordinal > proof.ordinal;
  const bool better = !present || present->proof.ordinal != proof.ordinal ||
                      (present->proof.start != goes_by && proof.start == goes_by);
  if (earlier || !better) return false;
  KHUOI_TRY_VOID(put_kept(batch, proof.node, octets, {}));
  return true;
}

Result<std::optional<Bytes>> KeptProofs::of(const ReadTxn& txn, const NodeId& peer) {
  KHUOI_TRY(const auto present, kept_row(txn, peer));
  return present ? std::optional(present->octets) : std::nullopt;
}

Result<std::optional<Bytes>> KeptProofs::forgotten(const ReadTxn& txn, const NodeId& peer, const Head& head) {
  KHUOI_TRY(const auto present, kept_row(txn, peer));
  const bool forgotten =
      present && head.ordinal <= present->proof.ordinal && head.start != present->proof.start &&
      // Told while it went by this start, it knows better: it healed, and has lower ordinals since.
      (head.none() || head.start != present->told);
  return forgotten ? std::optional(present->octets) : std::nullopt;
}

Result<void> KeptProofs::note_told(Batch& batch, const NodeId& peer, const Head& head) {
  KHUOI_TRY(const auto present, kept_row(batch.txn, peer));
  return present ? put_kept(batch, peer, present->octets, head.start) : Result<void>();
}

}  // namespace khuoi::sync
