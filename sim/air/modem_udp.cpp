#include "sim/air/modem_udp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace khuoi::sim {

namespace {

/// Connected to a port of this machine; -1: it could not be made.
int udp_socket(std::uint16_t port) {
  const int out = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (out < 0) return -1;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(out, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return out;
  ::close(out);
  return -1;
}

}  // namespace

ModemUdp::ModemUdp(EventLoop& loop, Air& air, std::uint64_t eui, std::uint16_t port)
    : loop_(loop), device_(loop, air, eui), port_(port) {
  device_.power_off();
}

std::string ModemUdp::open_sockets() {
  up_ = udp_socket(port_);
  down_ = udp_socket(port_);
  if (up_ >= 0 && down_ >= 0) return "";
  return "cannot make a UDP socket: " + std::string(std::strerror(errno));
}

void ModemUdp::close_sockets() {
  for (int* each : {&up_, &down_}) {
    if (*each >= 0) ::close(*each);
    *each = -1;
  }
}

std::string ModemUdp::plug() {
  if (down_ >= 0) return "";
  if (std::string why = open_sockets(); !why.empty()) {
    close_sockets();
    return why;
  }
  ++plugged_;
  device_.boot();
  return "";
}

void ModemUdp::pull() {
  close_sockets();
  ++plugged_;
  device_.power_off();
}

void ModemUdp::reset() {
  pull();
  plug();
}

void ModemUdp::work() {
  if (down_ < 0) return;
  read(ForwarderDevice::Socket::up);
  read(ForwarderDevice::Socket::down);
  for (ForwarderDevice::Sent& sent : device_.take_output()) {
    deliver([this, sent = std::move(sent)] {
      // What nobody takes is lost, as on any way of datagrams.
      [[maybe_unused]] const auto count = ::send(at(sent.socket), sent.octets.data(), sent.octets.size(), 0);
    });
  }
}

void ModemUdp::read(ForwarderDevice::Socket socket) {
  std::array<std::uint8_t, 4096> octets{};
  for (;;) {
    const ssize_t count = ::recv(at(socket), octets.data(), octets.size(), 0);
    if (count < 0 && errno == ECONNREFUSED) continue;  // of a datagram that nobody took
    if (count <= 0) return;
    deliver([this, socket, all = Bytes(octets.begin(), octets.begin() + count)] { device_.on_datagram(socket, all); });
  }
}

void ModemUdp::deliver(const std::function<void()>& what) {
  if (delay_ == Micros(0)) return what();
  loop_.after(delay_, [this, what, plugged = plugged_] {
    if (plugged == plugged_) what();
  });
}

}  // namespace khuoi::sim
