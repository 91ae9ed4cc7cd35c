#pragma once

#include <optional>

#include "sync/base/frame_keys.h"

namespace khuoi::radio {

/// What stands in the upper half of a frame's first octet. Formats: radio/FORMATS.md.
enum class FrameType : std::uint8_t {
  join = 1,
  welcome = 2,
  data = 3,
  ack = 4,
  ask = 5,
  call = 6,
  symbol = 7,
  report = 8,
  poll = 9,
  hears = 10,
  serve = 11
};

/// Flags of JOIN and DATA, and in an ASK of the frame that it carries.
namespace stream_flag {
inline constexpr std::uint8_t last = 1;    ///< of this burst
inline constexpr std::uint8_t more = 2;    ///< waits to be sent
inline constexpr std::uint8_t urgent = 4;  ///< some of what waits is
inline constexpr std::uint8_t all = 7;
}  // namespace stream_flag

/// A further flag of JOIN.
namespace join_flag {
inline constexpr std::uint8_t relayed = 8;  ///< the hamlet was not heard for long: a neighbour is to pass frames on
}  // namespace join_flag

/// So many octets the modem takes at once.
inline constexpr std::size_t frame_handed_max = 254;
/// Of these, what is not the body.
inline constexpr std::size_t frame_cost = 8;
inline constexpr std::size_t body_octets_max = frame_handed_max - frame_cost;
/// Of what each side draws for an association.
inline constexpr std::size_t token_octets = 4;
/// Of an ACK's body, apart from its note.
inline constexpr std::size_t ack_octets_max = 5;
/// Frames of one stream that may be under way.
inline constexpr std::uint32_t window_frames = 24;
/// At most so many are granted at once; whoever hears a grant to another keeps still for as many, whatever it says.
inline constexpr std::uint8_t grant_frames_max = 8;
/// The same while nobody else was on the air for long.
inline constexpr std::uint8_t grant_frames_alone = 12;

/// A frame as it was heard; borrows its octets.
struct Frame {
  FrameType type = FrameType::data;
  std::uint8_t flags = 0;
  RadioAlias alias = 0;
  std::uint8_t counter = 0;  ///< low octet
  ByteView body;
  FrameMac mac{};
  ByteView before_mac;
};
/// Nothing: too short, too long, or of a type or with flags that this version does not know.
std::optional<Frame> decode_frame(ByteView octets);
/// All but the MAC.
Bytes begin_frame(FrameType type, std::uint8_t flags, RadioAlias alias, std::uint8_t counter, ByteView body);

/// A burst that is allowed. As an octet: spreading factor less 6, or 0, in the upper three bits, frames below.
struct Grant {
  std::uint8_t frames = 0;            ///< 1 to 31; 0: none
  std::uint8_t spreading_factor = 0;  ///< 7 to 12; 0: that of all other frames
};

/// The body of an ACK, and what follows tC in a WELCOME.
struct Ack {
  std::uint8_t through = 0xff;  ///< low octet
  Grant grant;
  std::uint32_t held = 0;  ///< bit i: frame through + 2 + i is held
  ByteView note;
};
struct EncodedAck {
  std::uint8_t flags = 0;
  Bytes body;
};
EncodedAck encode_ack(const Ack& ack);
/// Nothing: it is too short, grants nothing, or has more octets of bitmap than it needs.
std::optional<Ack> decode_ack(std::uint8_t flags, ByteView body);

}  // namespace khuoi::radio
