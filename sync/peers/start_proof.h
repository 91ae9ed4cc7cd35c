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

/// The latest start that each peer proved here. The latest by ordinal, not that of the statement in force: where a peer
/// was restored and set its past aside, the proof of that past is what keeps old sticks from bringing it back. In table
/// note, a row a peer.
class KeptProofs final {
 public:
  /// Its signature was checked; `goes_by`: the start of the peer's statement in force. Gives whether it was news.
  static Result<bool> keep(Batch& batch, const StartProof& proof, ByteView octets, const StartId& goes_by);
  static Result<std::optional<Bytes>> of(const ReadTxn& txn, const NodeId& peer);
  /// The same, if the peer, whose head for me this is now, seems to have forgotten that start, and was not told yet.
  static Result<std::optional<Bytes>> forgotten(const ReadTxn& txn, const NodeId& peer, const Head& head);
  static Result<void> note_told(Batch& batch, const NodeId& peer, const Head& head);
};

}  // namespace khuoi::sync
