#include "node/control/remote_caller.h"

#include <poll.h>

namespace khuoi::node {

using sync::Secret;

/// Who hangs up while there is nothing to say would else keep its place at the socket.
bool RemoteCaller::gone() {
  pollfd line{channel_.fd(), POLLRDHUP, 0};
  if (!gone_ && ::poll(&line, 1, 0) > 0) gone_ = true;
  return gone_ || stopping_;
}

void RemoteCaller::send(FrameType type, ByteView payload) {
  if (!gone_ && !channel_.send(type, payload)) gone_ = true;
}

/// An answer to a question; a failure at the other end is a failure here.
Result<Frame> RemoteCaller::ask(FrameType type, ByteView payload) {
  if (gone_) return fail(Errc::closed, "whoever gave the command is gone");
  KHUOI_TRY_VOID(channel_.send(type, payload));
  auto answer = channel_.receive();
  if (!answer) {
    gone_ = true;
    return answer.error();
  }
  if (answer->type == FrameType::failure) return decode_failure(answer->payload);
  return answer;
}

void RemoteCaller::progress(std::string_view what, std::uint64_t done, std::uint64_t of) {
  Bytes payload;
  Writer(payload).u64(done).u64(of).raw(view_of(what));
  send(FrameType::progress, payload);
}

Result<Bytes> RemoteCaller::read_file(const std::string& path, std::size_t octets_max) {
  Bytes payload;
  Writer(payload).u64(octets_max).raw(view_of(path));
  KHUOI_TRY(Frame answer, ask(FrameType::read_file, payload));
  if (answer.type != FrameType::octets || answer.payload.size() > octets_max)
    return fail(Errc::malformed, path + ": the command gave no file");
  return std::move(answer.payload);
}

Result<storage::Fd> RemoteCaller::open_file(const std::string& path) {
  KHUOI_TRY(Frame answer, ask(FrameType::open_file, view_of(path)));
  if (answer.type != FrameType::descriptor || !answer.descriptor.open())
    return fail(Errc::malformed, path + ": the command gave no file");
  return std::move(answer.descriptor);
}

Result<void> RemoteCaller::write_file(const std::string& path, Durable durable, const Content& content) {
  Bytes payload;
  Writer(payload).u8(durable == Durable::yes ? 1 : 0).raw(view_of(path));
  if (gone_) return fail(Errc::closed, "whoever gave the command is gone");
  KHUOI_TRY_VOID(channel_.send(FrameType::write_begin, payload));
  const Result<void> given = content([&](ByteView octets) -> Result<void> {
    while (!octets.empty()) {
      const ByteView piece = octets.first(std::min(octets.size(), write_piece_octets_max));
      KHUOI_TRY_VOID(channel_.send(FrameType::write_data, piece));
      octets = octets.subspan(piece.size());
    }
    return {};
  });
  const auto answer = ask(given ? FrameType::write_end : FrameType::write_drop, {});
  if (!given) return given;
  return answer ? Result<void>() : Result<void>(answer.error());
}

Result<std::optional<Secret>> RemoteCaller::phrase(Phrase which, Ask how) {
  Bytes payload;
  Writer(payload).u8(static_cast<std::uint8_t>(which)).u8(static_cast<std::uint8_t>(how));
  KHUOI_TRY(Frame answer, ask(FrameType::phrase, payload));
  if (answer.type != FrameType::octets || answer.payload.empty()) return std::optional<Secret>();
  Secret phrase = Secret::copy_of(answer.payload);
  sync::wipe(answer.payload);
  return std::optional<Secret>(std::move(phrase));
}

Result<std::optional<bool>> RemoteCaller::confirm(std::string_view question) {
  KHUOI_TRY(const Frame answer, ask(FrameType::confirm, view_of(question)));
  if (answer.type != FrameType::octets || answer.payload.size() != 1) return std::optional<bool>();
  return std::optional(answer.payload[0] == 1);
}

}  // namespace khuoi::node
