#include "node/control/control_client.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cerrno>

#include "node/control/channel.h"
#include "sync/record/form.h"

namespace khuoi::node {

namespace json = boost::json;
using storage::Fd;

namespace {

/// Past this many milliseconds a person is told that their command waits for others; past the next it gives up.
constexpr int quiet_wait_ms = 2'000;
constexpr int wait_ms_max = 300'000;

Bytes encode_request(const Request& request) {
  json::object values;
  for (const auto& [name, texts] : request.values) {
    json::array list;
    for (const std::string& text : texts) list.emplace_back(text);
    values[name] = std::move(list);
  }
  const std::string text = json::serialize(
      json::object{{"version", KHUOI_VERSION}, {"command", request.command}, {"values", std::move(values)}});
  return to_bytes(view_of(text));
}

/// A socket's address has room for 107 octets; a longer path goes through the folder's descriptor.
Result<Fd> connect_to(const std::string& path) {
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.open()) return storage::errno_error(errno, "opening a socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t slash = path.rfind('/');
  const Fd folder(::open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder.open()) return fail(Errc::not_found, "no service runs here");
  const std::string through = "/proc/self/fd/" + std::to_string(folder.get()) + path.substr(slash);
  through.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED) return fail(Errc::not_found, "no service runs here");
    return storage::errno_error(errno, "reaching the service at " + path);
  }
  return socket;
}

/// The command's end of the conversation: does what the service asks of the caller, until it is done.
class Hands final {
 public:
  Hands(Channel& channel, const Request& request, Caller& caller)
      : channel_(channel), request_(request), caller_(caller) {}

  Result<int> serve() {
    KHUOI_TRY_VOID(wait_for_turn());
    while (true) {
      KHUOI_TRY(const Frame frame, channel_.receive());
      if (frame.type == FrameType::begun) {
        begun_ = true;
        continue;
      }
      if (frame.type == FrameType::done) return frame.payload.empty() ? 1 : static_cast<int>(frame.payload[0]);
      if (frame.type == FrameType::failure) return decode_failure(frame.payload);
      KHUOI_TRY_VOID(handle(frame));
    }
  }

  [[nodiscard]] bool begun() const { return begun_; }

 private:
  /// Returns when there is something to receive, be it the end.
  Result<void> wait_for_turn() {
    const auto something_came = [this](int wait_ms) {
      pollfd line{channel_.fd(), POLLIN, 0};
      int came = 0;
      while ((came = ::poll(&line, 1, wait_ms)) < 0 && errno == EINTR) {
      }
      return came != 0;
    };
    if (something_came(quiet_wait_ms)) return {};
    if (isatty(STDERR_FILENO) == 1) caller_.warn("the service is busy with other commands; waiting for one to end");
    if (something_came(wait_ms_max)) return {};
    return fail(Errc::busy, "the service of " + request_.one("--data") +
                                " was busy with other commands for five minutes, so this one was not begun: try again, "
                                "or end those that wait for somebody's answer");
  }

  Result<void> handle(const Frame& frame) {
    Reader from(frame.payload);
    switch (frame.type) {
      case FrameType::say:
        caller_.say(text_of(frame.payload));
        return caller_.gone() ? Result<void>(fail(Errc::closed, "nobody reads what this command prints"))
                              : Result<void>();
      case FrameType::warn:
        caller_.warn(text_of(frame.payload));
        return {};
      case FrameType::progress: {
        const std::uint64_t done = from.u64();
        const std::uint64_t of = from.u64();
        caller_.progress(text_of(from.rest()), done, of);
        return {};
      }
      case FrameType::read_file: {
        const std::uint64_t octets_max = from.u64();
        const std::string path(text_of(from.rest()));
        if (!named(path)) return refuse();
        const auto content = caller_.read_file(path, octets_max);
        return content ? channel_.send(FrameType::octets, *content)
                       : channel_.send(FrameType::failure, encode_failure(content.error()));
      }
      case FrameType::open_file: {
        const std::string path(text_of(from.rest()));
        if (!named(path)) return refuse();
        const auto file = caller_.open_file(path);
        return file ? channel_.send(FrameType::descriptor, {}, file->get())
                    : channel_.send(FrameType::failure, encode_failure(file.error()));
      }
      case FrameType::write_begin: {
        const bool durable = from.u8() == 1;
        return write(std::string(text_of(from.rest())), durable ? Caller::Durable::yes : Caller::Durable::no);
      }
      case FrameType::phrase: {
        const auto which = static_cast<Phrase>(from.u8());
        const auto ask = static_cast<Ask>(from.u8());
        const auto phrase = caller_.phrase(which, ask);
        if (!phrase) return channel_.send(FrameType::failure, encode_failure(phrase.error()));
        return *phrase ? channel_.send(FrameType::octets, (*phrase)->view()) : channel_.send(FrameType::none);
      }
      case FrameType::confirm: {
        const auto answer = caller_.confirm(text_of(frame.payload));
        if (!answer) return channel_.send(FrameType::failure, encode_failure(answer.error()));
        const std::array<std::uint8_t, 1> yes{static_cast<std::uint8_t>(answer->value_or(false) ? 1 : 0)};
        return *answer ? channel_.send(FrameType::octets, yes) : channel_.send(FrameType::none);
      }
      default:
        return fail(Errc::unsupported, "the service is of another version of khuoi: restart it");
    }
  }

  /// A service works with the caller's rights only on what the caller named.
  [[nodiscard]] bool named(const std::string& path) const {
    for (const auto& [name, values] : request_.values) {
      for (const std::string& value : values) {
        if (value == path && !value.empty()) return true;
      }
    }
    return false;
  }
  [[nodiscard]] bool named_or_below(const std::string& path) const {
    if (named(path)) return true;
    if (path.find("/../") != std::string::npos || path.ends_with("/..")) return false;
    for (const auto& [name, values] : request_.values) {
      for (const std::string& value : values) {
        if (!value.empty() && path.starts_with(value + "/")) return true;
      }
    }
    return false;
  }
  Result<void> refuse() {
    return channel_.send(FrameType::failure,
                         encode_failure(fail(Errc::denied, "the service asked for a file nobody named")));
  }

  Result<void> write(const std::string& path, Caller::Durable durable) {
    Result<void> link;  // of the conversation
    bool ended = false;
    const auto content = [&](const Caller::Sink& sink) -> Result<void> {
      Result<void> done;
      while (!ended) {
        auto frame = channel_.receive();
        if (!frame) {
          link = frame.error();
          return frame.error();
        }
        ended = frame->type != FrameType::write_data;
        if (frame->type == FrameType::write_drop) return fail(Errc::closed, "the service gave up on " + path);
        if (!ended && done) done = sink(frame->payload);
      }
      return done;
    };
    Result<void> written = named_or_below(path)
                               ? caller_.write_file(path, durable, content)
                               : Result<void>(fail(Errc::denied, "the service wanted to write elsewhere"));
    // When the file could not even be begun, what follows is still on its way.
    if (!ended && link) (void)content([](ByteView) { return Result<void>(); });
    if (!link) return link;
    return written ? channel_.send(FrameType::none)
                   : channel_.send(FrameType::failure, encode_failure(written.error()));
  }

  Channel& channel_;
  const Request& request_;
  Caller& caller_;
  bool begun_ = false;
};

}  // namespace

std::string control_socket_of(const std::string& data) { return data + "/run/control.sock"; }

bool service_answers(const std::string& data) { return connect_to(control_socket_of(data)).has_value(); }

Result<int> ask_service(const Request& request, Caller& caller) {
  KHUOI_TRY(Fd socket, connect_to(control_socket_of(request.one("--data"))));
  Channel channel(std::move(socket));
  if (!channel.send(FrameType::request, encode_request(request))) return fail(Errc::not_found, "no service runs here");
  Hands hands(channel, request, caller);
  const auto code = hands.serve();
  if (!code && code.error().code == Errc::closed && !hands.begun()) {
    return fail(Errc::not_found, "the service stopped before this command's turn came");
  }
  if (!code && code.error().code == Errc::closed) {
    return fail(Errc::closed, "the service stopped before the command was done; what was printed is safe");
  }
  return code;
}

}  // namespace khuoi::node
