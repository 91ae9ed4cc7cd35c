#include "sim/air/air_concentrator.h"

#include <algorithm>

#include "sync/base/check.h"

namespace khuoi::sim {

namespace {

using Socket = ForwarderDevice::Socket;

/// On one machine.
constexpr Micros datagram_takes = std::chrono::milliseconds(1);
constexpr std::uint64_t concentrator_eui = 0xaa555a0000000001;
constexpr std::uint32_t first_channel_below_hz = 4 * ForwarderDevice::channel_step_hz;

radio::UdpPeer peer_at(Socket socket) {
  return {"127.0.0.1", static_cast<std::uint16_t>(socket == Socket::up ? 1 : 2)};
}

}  // namespace

AirConcentrator::AirConcentrator(EventLoop& loop, Air& air, const radio::ModemSettings& settings, std::uint64_t seed)
    : loop_(loop),
      device_(loop, air, concentrator_eui, settings.frequency_hz - first_channel_below_hz),
      rng_(seed),
      server_({settings, "the loop", "", {}}, rng_),
      wakes_(loop) {
  KHUOI_CHECK(radio::check_forwarder_can(settings));
  device_.set_on_output([this] {
    for (ForwarderDevice::Sent& sent : device_.take_output()) {
      loop_.after(datagram_takes, [this, sent = std::move(sent)] { up(sent); });
    }
  });
}

void AirConcentrator::start(Hooks hooks) {
  hooks_ = std::move(hooks);
  ++life_;
  server_.opened(loop_.now());
  settle();
}

void AirConcentrator::stop() {
  hooks_ = {};
  ++life_;
  wakes_.clear();
  server_.closed();
}

radio::Modem::State AirConcentrator::state() const { return {server_.up(), server_.up() ? "" : server_.why()}; }

void AirConcentrator::send(ByteView frame, const radio::Channel& channel) {
  server_.send(frame, channel, loop_.now());
  settle();
}

void AirConcentrator::up(const ForwarderDevice::Sent& sent) {
  server_.on_datagram(peer_at(sent.socket), sent.octets, loop_.now());
  settle();
}

/// After every call of server_.
void AirConcentrator::settle() {
  if (settling_) return;  // a hook called send(); the loop below goes on
  settling_ = true;
  while (auto frame = server_.poll_frame()) {
    const auto on_frame = hooks_.on_frame;  // a copy outlives a stop() from within
    if (on_frame) on_frame(frame->octets, frame->signal);
  }
  settling_ = false;
  while (auto datagram = server_.poll_transmit()) {
    const Socket socket = datagram->to == peer_at(Socket::up) ? Socket::up : Socket::down;
    loop_.after(datagram_takes, [this, socket, octets = std::move(datagram->octets), life = life_] {
      if (life == life_) device_.on_datagram(socket, octets);
    });
  }
  if (server_.poll_changed() && hooks_.on_change) {
    loop_.at(loop_.now(), [this, life = life_] {
      const auto on_change = hooks_.on_change;
      if (life == life_ && on_change) on_change();
    });
  }
  wakes_.clear();
  if (const auto next = server_.next_deadline()) {
    wakes_.set(std::max<Instant>(*next, loop_.now() + datagram_takes), [this] {
      server_.on_timer(loop_.now());
      settle();
    });
  }
}

}  // namespace khuoi::sim
