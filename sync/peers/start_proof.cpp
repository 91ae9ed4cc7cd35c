#include "sync/peers/start_proof.h"

#include "sync/base/check.h"

namespace khuoi::sync {

namespace {
constexpr std::uint8_t start_proof_version = 1;

/// A start proof, and the start that the peer went by when it was told of this one.
struct KeptProof {
  Bytes octets;
  StartId told{};
  StartProof proof = {};
  void write(Writer& to) const { to.raw(octets).raw(told); }
  void read(Reader& from) {
    octets = to_bytes(from.raw(start_proof_octets));
    told = from.array<8>();
    const auto decoded = decode_start_proof(octets);
    if (decoded)
      proof = *decoded;
    else
      from.refuse();
  }
};
constexpr Rows<NodeId, KeptProof> proofs{Note::proof, "a start proof of a peer"};
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
  KHUOI_TRY(const auto present, proofs.get(batch.txn, proof.node));
  const bool earlier = present && present->proof.ordinal > proof.ordinal;
  const bool better = !present || present->proof.ordinal != proof.ordinal ||
                      (present->proof.start != goes_by && proof.start == goes_by);
  if (earlier || !better) return false;
  KHUOI_TRY_VOID(proofs.put(batch, proof.node, {to_bytes(octets), {}}));
  return true;
}

Result<std::optional<Bytes>> KeptProofs::of(const ReadTxn& txn, const NodeId& peer) {
  KHUOI_TRY(const auto present, proofs.get(txn, peer));
  return present ? std::optional(present->octets) : std::nullopt;
}

Result<std::optional<Bytes>> KeptProofs::forgotten(const ReadTxn& txn, const NodeId& peer, const Head& head) {
  KHUOI_TRY(const auto present, proofs.get(txn, peer));
  const bool forgotten =
      present && head.ordinal <= present->proof.ordinal && head.start != present->proof.start &&
      // Told while it went by this start, it knows better: it healed, and has lower ordinals since.
      (head.none() || head.start != present->told);
  return forgotten ? std::optional(present->octets) : std::nullopt;
}

Result<void> KeptProofs::note_told(Batch& batch, const NodeId& peer, const Head& head) {
  KHUOI_TRY(auto present, proofs.get(batch.txn, peer));
  if (!present) return {};
  present->told = head.start;
  return proofs.put(batch, peer, *present);
}

}  // namespace khuoi::sync
