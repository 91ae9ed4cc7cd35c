#include "node/links/fiber/framing.h"

#include <algorithm>

namespace khuoi::node {

namespace {
/// A chunk of a file fits: no more is kept ready for what has not come.
constexpr std::size_t ready_octets_max = std::size_t{80} << 10U;

/// Moves up to `octets` from the front of `from`.
void move_some(Bytes& to, ByteView& from, std::size_t octets) {
  const std::size_t some = std::min(octets, from.size());
  append(to, from.first(some));
  from = from.subspan(some);
}
}  // namespace

void append_frame(Bytes& to, ByteView message) {
  Writer(to).u32(static_cast<std::uint32_t>(message.size())).raw(message);
}

Result<std::optional<Bytes>> FrameReader::take(ByteView& from) {
  if (head_.size() < frame_head_octets) {
    move_some(head_, from, frame_head_octets - head_.size());
    if (head_.size() < frame_head_octets) return std::nullopt;
  }
  const std::size_t octets = Reader(head_).u32();
  if (octets == 0) return fail(Errc::malformed, "the peer sent an empty message");
  if (octets > octets_max_) {
    return fail(Errc::too_large, "the peer announced a message of " + std::to_string(octets) + " octets, where " +
                                     std::to_string(octets_max_) + " are the most");
  }
  if (body_.empty()) body_.reserve(std::min({octets, octets_max_, ready_octets_max}));
  move_some(body_, from, octets - body_.size());
  if (body_.size() < octets) return std::nullopt;
  head_.clear();
  return std::exchange(body_, {});
}

}  // namespace khuoi::node
