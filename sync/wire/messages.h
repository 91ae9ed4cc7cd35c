#pragma once

#include <span>
#include <variant>

#include "sync/peers/peers.h"

namespace khuoi::sync {

/// The messages of a session; wire.capnp draws them.
struct Hello {
  CommuneId commune;
  NodeId node;
  std::uint64_t capabilities = 0;  ///< bits: takes_carried, takes_later_statements, takes_tallies
  Head head;
  Head echo;
  std::uint64_t roster_digest = 0;
  std::uint64_t nonce = 0;
  std::uint64_t answers = 0;
  UnixSeconds time;
  bool caught_up = false;
  Bytes grant;
  bool say_whole = false;
  std::uint32_t echo_sum = 0;      ///< HeldTally::mark() of what the peer said under the head `echo`; 0: not told
};
/// A capability: other boxes' segments are taken in.
inline constexpr std::uint64_t takes_carried = 1;
/// A capability: start proofs are taken in, and a statement of a kind that is not known is stepped over.
inline constexpr std::uint64_t takes_later_statements = 2;
/// A capability: statements of holdings that tell what changed are taken in.
inline constexpr std::uint64_t takes_tallies = 4;
struct StatementMessage {
  Bytes octets;
};
struct RecordsMessage {
  Bytes block;
};
struct ChunkMessage {
  ChunkPlace place;
  Bytes octets;
};
struct CarriedMessage {
  Bytes segment;
};
struct CaughtUp {
  std::uint64_t taken = 0;
  Head echo;
  bool say_whole = false;
};
using SessionMessage = std::variant<Hello, StatementMessage, RecordsMessage, ChunkMessage, CaughtUp, CarriedMessage>;

/// The largest frame either side may send: a statement of holdings in full.
inline constexpr std::size_t frame_octets_max = 9U << 20U;
/// Before the hello is answered, nobody may send more than this.
inline constexpr std::size_t hello_octets_max = 4096;

Bytes encode_message(const SessionMessage& message);
/// Errors: malformed, too_large.
Result<SessionMessage> decode_message(ByteView packed);

/// A frame as it came, with what can be told of it without a store: it may be made on another thread than the one that
/// takes it in.
struct ReceivedMessage {
  explicit ReceivedMessage(ByteView packed);
  Result<SessionMessage> message;
  std::optional<ChunkHash> chunk_hash;  ///< of a chunk, once hash_chunks() was called
  std::size_t octets = 0;               ///< as it came
  /// Of all chunks among these at once, since they are hashed beside each other.
  static void hash_chunks(std::span<ReceivedMessage> messages);
};

}  // namespace khuoi::sync
