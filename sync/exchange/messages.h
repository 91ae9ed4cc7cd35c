#pragma once

#include <variant>

#include "sync/replica/peers.h"

namespace khuoi::sync {

/// The messages of a session; wire.capnp draws them.
struct Hello {
  CommuneId commune;
  NodeId node;
  std::uint64_t capabilities = 0;  ///< bits: takes_carried
  Head head;
  Head echo;
  std::uint64_t roster_digest = 0;
  std::uint64_t nonce = 0;
  std::uint64_t answers = 0;
  UnixSeconds time;
  bool caught_up = false;
  Bytes grant;
};
/// A capability: other boxes' segments are taken in.
inline constexpr std::uint64_t takes_carried = 1;
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
};
using SessionMessage = std::variant<Hello, StatementMessage, RecordsMessage, ChunkMessage, CaughtUp, CarriedMessage>;

/// The largest frame either side may send: a statement of holdings in full.
inline constexpr std::size_t frame_octets_max = 9U << 20U;
/// Before the hello is answered, nobody may send more than this.
inline constexpr std::size_t hello_octets_max = 4096;

Bytes encode_message(const SessionMessage& message);
/// Errors: malformed, too_large.
Result<SessionMessage> decode_message(ByteView packed);

}  // namespace khuoi::sync
