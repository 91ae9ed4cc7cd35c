#include "radio/frame.h"

namespace khuoi::radio {

namespace {
constexpr std::uint8_t flag_grant = 1;
constexpr std::uint8_t flag_note = 2;
constexpr unsigned bitmap_shift = 2;
constexpr unsigned grant_factor_shift = 5, grant_frames_mask = 0x1f, factor_of_0 = 6;

constexpr std::uint8_t flags_allowed(FrameType type) {
  switch (type) {
    case FrameType::join:
      return stream_flag::all | join_flag::relayed;
    case FrameType::data:
      return stream_flag::all;
    case FrameType::welcome:
    case FrameType::ack:
    case FrameType::symbol:
      return 0x0f;
    case FrameType::ask:
    case FrameType::call:
    case FrameType::report:
    case FrameType::poll:
    case FrameType::hears:
    case FrameType::serve:
      return 0;
  }
  return 0;
}
}  // namespace

std::optional<Frame> decode_frame(ByteView octets) {
  if (octets.size() < frame_cost || octets.size() > frame_handed_max) return std::nullopt;
  Reader from(octets);
  const std::uint8_t first = from.u8();
  const unsigned type = first >> 4U;
  if (type < static_cast<unsigned>(FrameType::join) || type > static_cast<unsigned>(FrameType::serve))
    return std::nullopt;
  Frame out;
  out.type = static_cast<FrameType>(type);
  out.flags = first & 0x0fU;
  if ((out.flags & ~flags_allowed(out.type)) != 0) return std::nullopt;
  out.alias = from.u16();
  out.counter = from.u8();
  out.body = from.raw(octets.size() - frame_cost);
  out.mac = from.array<4>();
  out.before_mac = octets.first(octets.size() - out.mac.size());
  return out;
}

Bytes begin_frame(FrameType type, std::uint8_t flags, RadioAlias alias, std::uint8_t counter, ByteView body) {
  Bytes out;
  out.reserve(body.size() + frame_cost);
  Writer to(out);
  to.u8(static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4U | flags)).u16(alias).u8(counter).raw(body);
  return out;
}

EncodedAck encode_ack(const Ack& ack) {
  EncodedAck out;
  Writer to(out.body);
  to.u8(ack.through);
  if (ack.grant.frames != 0) {
    const unsigned factor = ack.grant.spreading_factor == 0 ? 0 : ack.grant.spreading_factor - factor_of_0;
    out.flags |= flag_grant;
    to.u8(static_cast<std::uint8_t>(factor << grant_factor_shift | ack.grant.frames));
  }
  unsigned octets = 0;
  for (std::uint32_t left = ack.held; left != 0; left >>= 8U, ++octets) to.u8(static_cast<std::uint8_t>(left));
  out.flags |= static_cast<std::uint8_t>(octets << bitmap_shift);
  if (!ack.note.empty()) {
    out.flags |= flag_note;
    to.raw(ack.note);
  }
  return out;
}

std::optional<Ack> decode_ack(std::uint8_t flags, ByteView body) {
  Reader from(body);
  Ack out;
  out.through = from.u8();
  if ((flags & flag_grant) != 0) {
    const std::uint8_t octet = from.u8();
    const unsigned factor = octet >> grant_factor_shift;
    out.grant.frames = octet & grant_frames_mask;
    if (factor != 0) out.grant.spreading_factor = static_cast<std::uint8_t>(factor + factor_of_0);
    if (out.grant.frames == 0 || factor > 6) return std::nullopt;
  }
  const unsigned octets = flags >> bitmap_shift;
  std::uint8_t octet = 1;
  for (unsigned i = 0; i < octets; ++i) {
    octet = from.u8();
    out.held |= static_cast<std::uint32_t>(octet) << (8 * i);
  }
  if (!from.ok() || octet == 0) return std::nullopt;  // one bitmap has one encoding
  out.note = from.rest();
  if (((flags & flag_note) != 0) == out.note.empty()) return std::nullopt;
  return out;
}

}  // namespace khuoi::radio
