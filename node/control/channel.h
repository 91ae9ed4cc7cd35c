#pragma once

#include "storage/files.h"

namespace khuoi::node {

/// What passes between a command and the service, over DIR/run/control.sock. Both are the same program on the same
/// machine: the layout is private to one version, which the first frame names.
enum class FrameType : std::uint8_t {
  // to the service
  request = 1,     ///< JSON: version, command, values
  octets = 2,      ///< an answer: a file's content, a phrase
  none = 3,        ///< an answer: nothing to be had, or done
  failure = 4,     ///< an answer: code u8, a sentence
  descriptor = 5,  ///< an answer: an open file comes along
  // to the command
  say = 10,
  warn = 11,
  progress = 12,     ///< done u64, of u64, what
  read_file = 13,    ///< octets_max u64, path
  open_file = 14,    ///< path
  write_begin = 15,  ///< durable u8, path
  write_data = 16,
  write_end = 17,
  write_drop = 18,  ///< the content failed: what was sent is thrown away
  phrase = 19,      ///< which u8, ask u8
  done = 20,        ///< exit code u8
  confirm = 21,     ///< a question: answered with one octet, 1 for yes, or none
  begun = 22,       ///< the command waited for its turn, which has come: always the first, but for a failure
};
inline constexpr std::size_t frame_octets_max = (16U << 20U) + 4096;
inline constexpr std::size_t write_piece_octets_max = 1U << 16U;

struct Frame {
  FrameType type = FrameType::none;
  Bytes payload;
  storage::Fd descriptor;
};

/// Frames over a connected socket: length u32 BE, type u8, payload. Blocking; one user at a time in each direction.
class Channel final {
 public:
  explicit Channel(storage::Fd socket) : socket_(std::move(socket)) {}
  /// Errors: closed, io.
  Result<void> send(FrameType type, ByteView payload = {}, int descriptor = -1);
  /// Errors: closed when the other end is gone; malformed, too_large.
  Result<Frame> receive();
  [[nodiscard]] int fd() const { return socket_.get(); }

 private:
  Result<void> receive_exactly(std::span<std::uint8_t> out, storage::Fd* descriptor);
  storage::Fd socket_;
};

Bytes encode_failure(const Error& error);
Error decode_failure(ByteView payload);

}  // namespace khuoi::node
