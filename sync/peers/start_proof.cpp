#include "sync/peers/start_proof.h"

#include "sync/base/check.h"

namespace khuoi::sync {

namespace {
constexpr std::uint8_t start_proof_version = 1;
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

}  // namespace khuoi::sync
