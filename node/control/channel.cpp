#include "node/control/channel.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace khuoi::node {

using storage::Fd;

namespace {

constexpr std::size_t head_octets = 5;

/// Room for one descriptor, aligned as the kernel wants it.
union ControlRoom {
  cmsghdr align;
  std::array<char, CMSG_SPACE(sizeof(int))> octets;
};

void attach(msghdr& message, ControlRoom& room, int descriptor) {
  message.msg_control = room.octets.data();
  message.msg_controllen = room.octets.size();
  cmsghdr* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
}

Fd detach(msghdr& message) {
  for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr; head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS || head->cmsg_len < CMSG_LEN(sizeof(int)))
      continue;
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(head), sizeof descriptor);
    return Fd(descriptor);
  }
  return {};
}

}  // namespace

Result<void> Channel::send(FrameType type, ByteView payload, int descriptor) {
  Bytes head;
  Writer(head).u32(static_cast<std::uint32_t>(payload.size())).u8(static_cast<std::uint8_t>(type));
  std::array<iovec, 2> parts{{{head.data(), head.size()}, {const_cast<std::uint8_t*>(payload.data()), payload.size()}}};
  std::size_t part = 0;
  while (part < parts.size()) {
    msghdr message{};
    message.msg_iov = &parts[part];
    message.msg_iovlen = parts.size() - part;
    ControlRoom room{};
    if (descriptor >= 0) attach(message, room, descriptor);
    const ssize_t sent = sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return fail(Errc::closed, "the other end of the control socket is gone");
    descriptor = -1;
    auto left = static_cast<std::size_t>(sent);
    while (part < parts.size() && left >= parts[part].iov_len) left -= parts[part++].iov_len;
    if (part < parts.size()) {
      parts[part].iov_base = static_cast<char*>(parts[part].iov_base) + left;
      parts[part].iov_len -= left;
    }
  }
  return {};
}

Result<void> Channel::receive_exactly(std::span<std::uint8_t> out, Fd* descriptor) {
  while (!out.empty()) {
    iovec part{out.data(), out.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    ControlRoom room{};
    message.msg_control = room.octets.data();
    message.msg_controllen = room.octets.size();
    const ssize_t got = recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(Errc::closed, "the other end of the control socket is gone");
    Fd came = detach(message);
    if (came.open() && descriptor != nullptr) *descriptor = std::move(came);
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

Result<Frame> Channel::receive() {
  Frame out;
  std::array<std::uint8_t, head_octets> head{};
  KHUOI_TRY_VOID(receive_exactly(head, &out.descriptor));
  Reader from(head);
  const std::uint32_t octets = from.u32();
  out.type = static_cast<FrameType>(from.u8());
  if (octets > frame_octets_max) return fail(Errc::too_large, "a frame on the control socket is too large");
  out.payload.resize(octets);
  KHUOI_TRY_VOID(receive_exactly(out.payload, &out.descriptor));
  return out;
}

Bytes encode_failure(const Error& error) {
  Bytes out;
  Writer(out).u8(static_cast<std::uint8_t>(error.code)).raw(view_of(error.what));
  return out;
}

Error decode_failure(ByteView payload) {
  Reader from(payload);
  const std::uint8_t code = from.u8();
  if (!from.ok() || code > static_cast<std::uint8_t>(Errc::usage)) return fail(Errc::io, "the control socket failed");
  return fail(static_cast<Errc>(code), std::string(text_of(from.rest())));
}

}  // namespace khuoi::node
