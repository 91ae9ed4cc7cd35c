#include "node/control/control_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <filesystem>

#include "node/control/control_client.h"
#include "node/control/remote_caller.h"
#include "node/engine/log.h"

namespace khuoi::node {

namespace json = boost::json;
using storage::Fd;

namespace {

constexpr std::size_t guests_max = 16;
constexpr int backlog = 1024;  // wait for one of the places; past these, connect(2) itself waits
constexpr int accept_pause_ms = 100;
/// How long a command that nobody listens to may keep a service from stopping.
constexpr std::chrono::seconds farewell{5};

Result<Fd> bind_socket(const std::string& path) {
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.open()) return storage::errno_error(errno, "opening the control socket");
  const std::size_t slash = path.rfind('/');
  const Fd folder(::open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder.open()) return storage::errno_error(errno, "opening " + path.substr(0, slash));
  // An address has room for 107 octets; through the folder's descriptor any path will do.
  const std::string through = "/proc/self/fd/" + std::to_string(folder.get()) + path.substr(slash);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  through.copy(address.sun_path, sizeof address.sun_path - 1);
  ::unlink(path.c_str());
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path.c_str(), 0600) != 0 || ::listen(socket.get(), backlog) != 0) {
    return storage::errno_error(errno, "making the control socket " + path);
  }
  return socket;
}

bool may_command(int socket) {
  ucred who{};
  socklen_t size = sizeof who;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return false;
  return who.uid == geteuid() || who.uid == 0;
}

Result<Request> decode_request(ByteView octets) {
  const Error malformed = fail(Errc::malformed, "what came over the control socket is no command");
  boost::system::error_code failed;
  const json::value parsed = json::parse({reinterpret_cast<const char*>(octets.data()), octets.size()}, failed);
  const auto* object = failed ? nullptr : parsed.if_object();
  const auto* version = object == nullptr ? nullptr : object->if_contains("version");
  if (version == nullptr || !version->is_string()) return malformed;
  if (version->get_string() != KHUOI_VERSION) {
    return fail(Errc::unsupported, "the service is of another version of khuoi than this command: restart the service");
  }
  const auto* command = object->if_contains("command");
  const auto* values = object->if_contains("values");
  if (command == nullptr || !command->is_string() || values == nullptr || !values->is_object()) return malformed;
  Request out;
  out.command = std::string(command->get_string());
  for (const auto& entry : values->get_object()) {
    if (!entry.value().is_array()) return malformed;
    std::vector<std::string>& texts = out.values[std::string(entry.key())];
    for (const json::value& text : entry.value().get_array()) {
      if (!text.is_string()) return malformed;
      texts.emplace_back(text.get_string());
    }
  }
  return out;
}

}  // namespace

ControlServer::ControlServer(CarryOut carry_out, Fd socket, Fd wake, std::string path)
    : carry_out_(std::move(carry_out)),
      socket_(std::move(socket)),
      wake_(std::move(wake)),
      path_(std::move(path)) {}

Result<std::unique_ptr<ControlServer>> ControlServer::listen(const std::string& data, CarryOut carry_out) {
  const std::string path = control_socket_of(data);
  KHUOI_TRY(Fd socket, bind_socket(path));
  Fd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.open()) return storage::errno_error(errno, "opening an eventfd");
  std::unique_ptr<ControlServer> out(
      new ControlServer(std::move(carry_out), std::move(socket), std::move(wake), path));
  out->acceptor_ = std::thread([server = out.get()] { server->accept_loop(); });
  return out;
}

ControlServer::~ControlServer() { stop(); }

void ControlServer::stop() {
  if (stopping_.exchange(true)) return;
  ::unlink(path_.c_str());
  wake();
  if (acceptor_.joinable()) acceptor_.join();
  socket_.reset();  // who still waits for a place learns that no service runs
  // Whoever waits for a person's answer waits no longer; what is on its way to them still goes.
  hang_up(SHUT_RD);
  {
    std::unique_lock held(guests_mutex_);
    guest_done_.wait_for(held, farewell, [this] { return std::ranges::all_of(guests_, &Guest::done); });
  }
  hang_up(SHUT_RDWR);
  reap(true);
}

void ControlServer::hang_up(int how) {
  const std::lock_guard held(guests_mutex_);
  for (const Guest& guest : guests_) {
    if (!guest.done) ::shutdown(guest.socket, how);
  }
}

void ControlServer::reap(bool all) {
  std::list<Guest> ended;
  {
    const std::lock_guard held(guests_mutex_);
    for (auto at = guests_.begin(); at != guests_.end();) {
      const auto next = std::next(at);
      if (all || at->done) ended.splice(ended.end(), guests_, at);
      at = next;
    }
  }
  for (Guest& guest : ended) guest.thread.join();
}

void ControlServer::wake() {
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
}

bool ControlServer::has_room() {
  const std::lock_guard held(guests_mutex_);
  return guests_.size() < guests_max;
}

void ControlServer::accept_loop() {
  while (!stopping_) {
    reap(false);
    // Without room nobody is let in: the queue of the socket is first come, first served.
    const int listening = has_room() ? socket_.get() : -1;
    std::array<pollfd, 2> waits{{{listening, POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
    const bool polled = ::poll(waits.data(), waits.size(), -1) >= 0;
    if (stopping_) return;
    std::uint64_t woken = 0;
    if (waits[1].revents != 0) (void)!::read(wake_.get(), &woken, sizeof woken);
    if (polled && waits[0].revents == 0) continue;
    Fd socket(polled ? ::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC) : -1);
    if (!socket.open()) {
      // Without a descriptor or memory the next try would fail at once, and the next, and take the whole processor.
      ::poll(&waits[1], 1, accept_pause_ms);
      continue;
    }
    if (!may_command(socket.get())) {
      Channel(std::move(socket))
          .send(FrameType::failure, encode_failure(fail(Errc::denied, "the service takes no command from you")))
          .has_value();
      continue;
    }
    const std::lock_guard held(guests_mutex_);
    Guest& guest = guests_.emplace_back();
    guest.socket = socket.get();
    guest.thread =
        std::thread([this, &guest, s = std::make_shared<Fd>(std::move(socket))] { serve_guest(guest, std::move(*s)); });
  }
}

void ControlServer::serve_guest(Guest& guest, Fd socket) {
  Channel channel(std::move(socket));
  const auto answer = [&]() -> Result<int> {
    KHUOI_TRY(const Frame first, channel.receive());
    if (first.type != FrameType::request) return fail(Errc::malformed, "the first frame is no command");
    KHUOI_TRY(const Request request, decode_request(first.payload));
    RemoteCaller caller(channel, stopping_);
    // It may have waited for long, and nobody for it.
    if (caller.gone()) return fail(Errc::closed, "whoever gave the command is gone");
    KHUOI_TRY_VOID(channel.send(FrameType::begun));
    KHUOI_TRY(const int code, carry_out_(request, caller));
    log_info("command", {{"name", request.command}, {"exit", std::to_string(code)}});
    return code;
  };
  const auto code = answer();
  if (code) {
    const std::array<std::uint8_t, 1> payload{static_cast<std::uint8_t>(*code)};
    (void)channel.send(FrameType::done, payload);
  } else {
    (void)channel.send(FrameType::failure, encode_failure(code.error()));
  }
  const std::lock_guard held(guests_mutex_);
  guest.done = true;
  guest_done_.notify_all();
  wake();
}

}  // namespace khuoi::node
