#pragma once

#include <optional>

#include "sync/base/bytes.h"
#include "sync/base/result.h"

namespace khuoi::node {

/// On a stream, a message stands behind its length: u32 in network order.
inline constexpr std::size_t frame_head_octets = 4;
void append_frame(Bytes& to, ByteView message);

/// Puts messages together from whatever pieces a stream gives. Past 80 KiB, what it keeps grows with what really
/// came, not with what a length claims. Memory: one frame.
class FrameReader final {
 public:
  explicit FrameReader(std::size_t octets_max) : octets_max_(octets_max) {}
  /// From the next frame on.
  void set_octets_max(std::size_t octets_max) { octets_max_ = octets_max; }
  /// Takes octets off the front of `from` until one message is whole; nothing when it needs more than there is.
  /// Errors: malformed (an empty message), too_large (past the limit; nothing was kept for it). Drop the stream then.
  Result<std::optional<Bytes>> take(ByteView& from);
  /// Something of a frame is here, but not all.
  [[nodiscard]] bool in_frame() const { return head_.size() + body_.size() > 0; }

 private:
  std::size_t octets_max_;
  Bytes head_;
  Bytes body_;
};

}  // namespace khuoi::node
