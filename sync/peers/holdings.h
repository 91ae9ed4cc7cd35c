#pragma once

#include "sync/log/held_tally.h"
#include "sync/peers/peers.h"
#include "sync/seal/signature.h"

namespace khuoi::sync {

/// What one node holds of another's records, signed. The commune's towards a hamlet is a *receipt*. A whole one lists all:
/// a run it does not list is not held. One that is not lists what changed since `echo` at least, and the tally of all.
/// Later heads replace earlier ones; one that names the other's present head as superseded does so too, which is how a
/// restored node tells that it was set back.
struct Holdings {
  std::uint8_t version = 1;         ///< 1 is always whole, and has neither tally nor say_whole
  CommuneId commune;
  NodeId from;
  NodeId to;
  Head head;
  Head echo;                        ///< the latest of `to`'s statements that `from` applied
  std::optional<Head> supersedes;
  bool whole = true;
  bool say_whole = false;           ///< what `to` said last does not add up here: it shall say all
  std::uint64_t roster_digest = 0;  ///< of the statements `from` knows
  UnixSeconds at;                   ///< the signer's clock; the commune's is what hamlets trust
  HeldTally tally;                  ///< of all that `from` holds of `to`
  struct RunHeld {
    RunId run;                      ///< authored by `to`
    RangeSet received;
    RangeSet safe;
  };
  std::vector<RunHeld> runs;        ///< in one that is not whole, an empty `received` takes a run away
  struct Want {
    RunId run;                      ///< authored by `from`, who lost it
    RangeSet numbers;
  };
  static constexpr std::size_t wants_max = 65536;
  std::vector<Want> wants;
  std::vector<ModelHash> wants_models;
  struct FileHeld {
    FileId file;
    bool complete = false;
    HeldChunks held;
  };
  std::vector<FileHeld> files;      ///< incomplete ones, and those completed since `echo`
};

inline constexpr std::size_t holdings_octets_max = 8U << 20U;
/// Signed (purpose statement), ready to store and send.
Bytes encode_holdings(const Holdings& holdings, const Secret& sign_secret);
/// How many octets that gives.
std::size_t encoded_octets(const Holdings& holdings);
/// Without checking the signature. Errors: malformed, too_large, unsupported.
Result<Holdings> decode_holdings(ByteView octets);
[[nodiscard]] bool verify_holdings(ByteView octets, const Holdings& decoded, const SignPublic& key);

/// Statements travel side by side: what kind one is, is told by an octet before it.
enum class StatementType : std::uint8_t { holdings = 'H', roster = 'R', start_proof = 'S' };
Bytes tag_statement(StatementType type, ByteView octets);
inline bool is_statement(StatementType type, ByteView tagged) {
  return !tagged.empty() && tagged[0] == static_cast<std::uint8_t>(type);
}

}  // namespace khuoi::sync
