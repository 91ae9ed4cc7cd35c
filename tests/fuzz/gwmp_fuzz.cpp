// A packet forwarder, or somebody else, that says anything at any time: the server's half stays in order.
// The input: n × (octets u16 | time u8, 250 ms each | who u8 | a datagram)
#include "radio/modem/forwarder.h"

#include <algorithm>

#include "sync/base/check.h"

namespace {

using namespace khuoi;
using namespace khuoi::radio;

const ForwarderConfig config{{922'500'000, {125'000, 9, 5, Chip::sx126x}, 14}, "127.0.0.1:1700", "", {}};

class Server {
 public:
  Server() { forwarder_.opened(now_); }

  void hear(std::uint8_t who, ByteView datagram) {
    const UdpPeer from{who >= 0xf0 ? "192.168.7.2" : "127.0.0.1", static_cast<std::uint16_t>(40'000 + who % 4)};
    forwarder_.on_datagram(from, datagram, now_);
    take();
  }
  void pass(Micros time) {
    const Instant until = now_ + time;
    for (int turns = 0;; ++turns) {
      KHUOI_CHECK(turns < 1000);  // each turn moves the deadline
      const auto next = forwarder_.next_deadline();
      if (!next || *next > until) break;
      now_ = std::max(now_, *next);
      forwarder_.on_timer(now_);
      take();
    }
    now_ = until;
    if (forwarder_.free()) {
      forwarder_.send(Bytes(20, 0xc0), forwarder_.base(), now_);
      KHUOI_CHECK(!forwarder_.free());
    }
    take();
  }

 private:
  void take() {
    while (const auto datagram = forwarder_.poll_transmit()) {
      KHUOI_CHECK(datagram->octets.size() >= 4 && datagram->to.address == "127.0.0.1");
    }
    while (const auto frame = forwarder_.poll_frame()) {
      KHUOI_CHECK(!frame->octets.empty() && frame->octets.size() <= 254);
      KHUOI_CHECK(frame->signal.channel.spreading_factor >= 7 && frame->signal.channel.spreading_factor <= 12);
    }
    KHUOI_CHECK(!forwarder_.up() || forwarder_.why().empty());
  }

  SeededRng rng_{1};
  Forwarder forwarder_{config, rng_};
  Instant now_{std::chrono::seconds(1000)};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  if (const auto heard = decode_push(input)) {
    for (const GwmpFrame& frame : heard->frames) KHUOI_CHECK(frame.octets.size() <= frame_octets_max);
  }
  if (const auto said = decode_tx_ack(input)) KHUOI_CHECK(!gwmp_error(said->error).empty());
  Server server;
  Reader in(input);
  while (!in.rest().empty()) {
    const std::size_t octets = in.u16();
    const Micros time = std::chrono::milliseconds(250) * in.u8();
    const std::uint8_t who = in.u8();
    server.hear(who, in.raw(std::min(octets, in.rest().size())));
    server.pass(time);
  }
  return 0;
}
