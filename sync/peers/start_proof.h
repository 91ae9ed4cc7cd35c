#pragma once

#include "sync/peers/peers.h"
#include "sync/seal/signature.h"

namespace khuoi::sync {

/// One start of a node's writer, signed by that node: whoever keeps it can tell the node of a past that it lost, and
/// nobody else can make one up. FORMATS.md, *Start proof*.
struct StartProof {
  CommuneId commune;
  NodeId node;
  std::uint32_t ordinal = 0;
  StartId start{};
  bool operator==(const StartProof&) const = default;
};

inline constexpr std::size_t start_proof_octets = 93;
Bytes encode_start_proof(const StartProof& proof, const Secret& sign_secret);
/// Without checking the signature. Errors: malformed (another length, ordinal zero), unsupported (a later version).
Result<StartProof> decode_start_proof(ByteView octets);
[[nodiscard]] bool verify_start_proof(ByteView octets, const StartProof& decoded, const SignPublic& key);

}  // namespace khuoi::sync
