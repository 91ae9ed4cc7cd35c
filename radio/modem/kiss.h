#pragma once

#include <optional>

#include "sync/base/bytes.h"

namespace khuoi::radio {

/// A command and its data, as they stand between two C0 on a modem's cable.
struct KissFrame {
  std::uint8_t command = 0;
  Bytes data;
  bool operator==(const KissFrame&) const = default;
};

/// No frame on the cable has more data; an RNode hands up 508 octets at most.
inline constexpr std::size_t kiss_data_octets_max = 512;

/// C0 | command | data, C0 as DB DC and DB as DB DD | C0
void append_kiss(Bytes& to, std::uint8_t command, ByteView data);

/// Takes frames off a cable. What stands between frames (a boot loader's text, NULs) is left out; a frame that is too
/// long or has a wrong escape is dropped. A lost C0 costs one frame: two C0 in a row always begin one.
/// Memory: one frame.
class KissReader final {
 public:
  /// Takes octets off the front, up to the end of the next frame. Nothing: all were taken, and none ends here.
  std::optional<KissFrame> take(ByteView& octets);
  /// Frames that were dropped.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  enum class State : std::uint8_t { between, command, data, escape, bad };
  std::optional<KissFrame> end();
  void keep(std::uint8_t octet);
  void drop();

  State state_ = State::between;
  KissFrame frame_;
  std::uint64_t dropped_ = 0;
};

}  // namespace khuoi::radio
