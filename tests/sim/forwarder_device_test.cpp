#include "sim/air/forwarder_device.h"

#include <catch2/catch.hpp>
#include <set>

#include "radio/modem/forwarder.h"
#include "sim/air/air_concentrator.h"
#include "sim/air/air_modem.h"

using namespace khuoi;
using namespace khuoi::sim;
using Catch::Matchers::Contains;
using radio::UdpPeer;
using Socket = ForwarderDevice::Socket;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr radio::ModemSettings usual{922'500'000, {125'000, 9, 5}, 14};
constexpr std::uint64_t eui = 0xaa555a0000000101;
const UdpPeer up_peer{"127.0.0.1", 40'001}, down_peer{"127.0.0.1", 40'002};
const std::string here = "127.0.0.1:1700";

/// Our server, a packet forwarder, and two RNodes in the same air.
struct World {
  EventLoop loop;
  Air air{loop, 1};
  ForwarderDevice device{loop, air, eui};
  SeededRng rng{3};
  radio::Forwarder server;
  AirModem meo{loop, air, usual, 5}, nam{loop, air, usual, 6};
  std::vector<radio::HeardFrame> heard;
  std::vector<Bytes> at_meo;
  bool connected = true;
  int changes = 0;
  explicit World(radio::ForwarderConfig config = {usual, here, "", {}}) : server(std::move(config), rng) {
    server.opened(loop.now());
    meo.start({[this](ByteView frame, const radio::Signal&) { at_meo.push_back(to_bytes(frame)); }, {}});
    nam.start({});
  }
  void work() {
    for (const auto& sent : device.take_output()) {
      if (connected) server.on_datagram(sent.socket == Socket::up ? up_peer : down_peer, sent.octets, loop.now());
    }
    while (const auto datagram = server.poll_transmit()) {
      if (!connected) continue;
      if (datagram->to == up_peer) device.on_datagram(Socket::up, datagram->octets);
      if (datagram->to == down_peer) device.on_datagram(Socket::down, datagram->octets);
    }
    while (auto frame = server.poll_frame()) heard.push_back(std::move(*frame));
    changes += server.poll_changed();
    CHECK(server.up() == (server.why().empty() && server.figures().eui.has_value()));
  }
  void run(Micros time) {
    const Instant until = loop.now() + time;
    while (loop.now() < until) {
      work();
      const auto deadline = server.next_deadline();
      if (deadline && *deadline <= loop.now()) server.on_timer(loop.now());
      work();
      loop.run_for(milliseconds(1));
    }
  }
  World& bring_up() {
    run(seconds(1));
    REQUIRE(server.up());
    return *this;
  }
  /// As a forwarder's datagram.
  void say(const UdpPeer& from, std::uint8_t kind, const std::string& json, std::uint16_t token = 7,
           std::uint64_t of = eui) {
    Bytes octets;
    Writer(octets).u8(2).u16(token).u8(kind).u64(of);
    append(octets, view_of(json));
    server.on_datagram(from, octets, loop.now());
  }
};

std::string entry(const std::string& rate, const std::string& data, std::size_t size) {
  return R"({"freq":922.5,"stat":1,"modu":"LORA","datr":")" + rate + R"(","codr":"4/5","lsnr":5,"rssi":-35,"size":)" +
         std::to_string(size) + R"(,"data":")" + data + "\"}";
}

}  // namespace

TEST_CASE("air: one that hears all channels and spreading factors hears frames of different ones at once",
          "[sim][air]") {
  World world;
  world.bring_up();
  world.nam.listen(7);
  world.run(seconds(1));
  world.meo.send(Bytes(60, 1), world.meo.base());
  world.nam.send(Bytes(60, 2), {usual.frequency_hz, 7});
  world.run(seconds(3));
  REQUIRE(world.heard.size() == 2);
  CHECK(world.heard[0].octets == Bytes(60, 2));
  CHECK(world.heard[0].signal.channel == radio::Channel{usual.frequency_hz, 7});
  CHECK(world.heard[0].signal.snr_db == 8);
  CHECK(world.heard[1].octets == Bytes(60, 1));
  CHECK(world.heard[1].signal.channel == world.server.base());
  CHECK(world.air.figures(world.device.number()).received == 2);
}

TEST_CASE("forwarder: frames go both ways, with an RNode's octet before them, and take as long as is said",
          "[sim][air]") {
  World world;
  world.bring_up();
  CHECK(world.device.unanswered() == 0);
  CHECK(world.server.figures().eui == radio::parse_eui("aa555a0000000101"));
  Micros expected{};
  for (const std::size_t size : {1, 100, 254}) {
    REQUIRE(world.server.free());
    world.server.send(Bytes(size, 9), world.server.base(), world.loop.now());
    CHECK_FALSE(world.server.free());
    const Micros airtime = world.server.airtime(size, 9);
    CHECK(airtime == world.meo.airtime(size, 9));
    expected += airtime;
    world.run(airtime + milliseconds(90));
    CHECK_FALSE(world.server.free());
    world.run(milliseconds(20));
    CHECK(world.server.free());
  }
  CHECK(world.at_meo == std::vector{Bytes(1, 9), Bytes(100, 9), Bytes(254, 9)});
  CHECK(world.air.figures(world.device.number()).airtime == expected);
  // With another spreading factor, to whoever listens to that.
  world.meo.listen(7);
  world.run(seconds(1));
  world.server.send(Bytes(10, 8), {usual.frequency_hz, 7}, world.loop.now());
  world.run(seconds(1));
  CHECK(world.at_meo.back() == Bytes(10, 8));
  CHECK(world.server.figures().lost == 0);
}

TEST_CASE("forwarder: a silent one is down after 30 s, and another one may come then", "[sim][air]") {
  World world;
  CHECK(world.server.why().empty());
  world.connected = false;
  world.run(seconds(11));
  CHECK_THAT(world.server.why(), Contains("no packet forwarder asks at 127.0.0.1:1700: start lora_pkt_fwd"));
  world.connected = true;
  world.run(seconds(6));
  REQUIRE(world.server.up());
  // While it lives, nobody else is listened to: another port, another concentrator.
  world.say({"127.0.0.1", 50'000}, 2, "");
  world.say(down_peer, 2, "", 7, eui + 1);
  CHECK(world.server.figures().foreign == 2);
  world.work();
  world.device.power_off();
  world.run(seconds(24));
  CHECK(world.server.up());
  world.run(seconds(7));
  CHECK_FALSE(world.server.up());
  CHECK_THAT(world.server.why(), Contains("has been silent for 30 s"));
  world.say({"127.0.0.1", 50'000}, 2, "", 7, eui + 1);
  CHECK(world.server.up());
  const auto answer = world.server.poll_transmit();
  REQUIRE(answer);
  CHECK(answer->to == UdpPeer{"127.0.0.1", 50'000});
  CHECK(answer->octets == *from_hex("02000704"));
}

TEST_CASE("forwarder: other machines are not heard unless one is named, and then that one alone", "[sim][air]") {
  World world;
  world.connected = false;
  world.say({"192.168.7.2", 40'000}, 2, "");
  CHECK_FALSE(world.server.up());
  CHECK_FALSE(world.server.poll_transmit());
  CHECK_THAT(world.server.why(), Contains("packets came from 192.168.7.2") && Contains("forwarder_eui"));
  World named({usual, "0.0.0.0:1700", "192.168.7.2", radio::parse_eui("aa555a0000000101")});
  named.connected = false;
  named.say({"192.168.7.3", 40'000}, 2, "");
  named.say(down_peer, 2, "");
  named.say({"192.168.7.2", 40'000}, 2, "", 7, eui + 1);
  CHECK_FALSE(named.server.up());
  CHECK_THAT(named.server.why(), Contains("EUI aa555a0000000102") && Contains("is not the forwarder_eui"));
  CHECK(named.server.figures().foreign == 3);
  named.say({"192.168.7.2", 40'000}, 2, "");
  CHECK(named.server.up());
  named.say({"192.168.7.3", 40'001}, 0, "{\"rxpk\":[" + entry("SF9BW125", "AAEC", 3) + "]}");
  named.say(down_peer, 0, "{\"rxpk\":[" + entry("SF9BW125", "AAEC", 3) + "]}");
  CHECK(named.server.figures().received == 0);
  named.say({"192.168.7.2", 40'001}, 0, "{\"rxpk\":[" + entry("SF9BW125", "AAEC", 3) + "]}");
  CHECK(named.server.poll_frame()->octets == Bytes{1, 2});
}

TEST_CASE("forwarder: what it cannot send is said in a sentence, and tried again later", "[sim][air]") {
  World world;
  world.bring_up();
  world.device.set_lying(true);
  world.server.send(Bytes(10, 1), world.server.base(), world.loop.now());
  world.run(seconds(1));
  CHECK_FALSE(world.server.up());
  CHECK_THAT(world.server.why(), Contains("may not send on this frequency (TX_FREQ)"));
  CHECK(world.server.figures().lost == 1);
  world.device.set_lying(false);
  world.run(minutes(1));
  REQUIRE(world.server.free());
  // Once is no reason to give up; again and again is.
  world.device.set_full(true);
  for (int n = 0; n < 5; ++n) {
    REQUIRE(world.server.free());
    world.server.send(Bytes(10, 1), world.server.base(), world.loop.now());
    world.run(seconds(1));
  }
  CHECK_THAT(world.server.why(), Contains("COLLISION_PACKET"));
  world.device.set_full(false);
  world.run(minutes(1));
  world.device.set_silent(true);
  for (int n = 0; n < 3; ++n) {
    REQUIRE(world.server.free());
    world.server.send(Bytes(10, 1), world.server.base(), world.loop.now());
    world.run(milliseconds(2900));
    CHECK_FALSE(world.server.free());
    world.run(milliseconds(200));
  }
  CHECK_THAT(world.server.why(), Contains("does not confirm what it is given"));
  CHECK(world.air.figures(world.device.number()).frames == 0);
}

TEST_CASE("forwarder: only the TX_ACK of the frame under way counts", "[sim][air]") {
  World world;
  world.bring_up();
  world.connected = false;
  world.server.send(Bytes(10, 1), world.server.base(), world.loop.now());
  const auto given = world.server.poll_transmit();
  REQUIRE(given);
  const auto token = static_cast<std::uint16_t>(given->octets[1] << 8 | given->octets[2]);
  const std::string error = R"({"txpk_ack":{"error":"TX_FREQ"}})";
  world.say(down_peer, 5, error, token + 1);
  world.say(up_peer, 5, error, token);
  world.say({"127.0.0.1", 50'000}, 5, error, token);
  world.say(down_peer, 5, error, token, eui + 1);
  CHECK(world.server.figures().foreign == 4);
  world.say(down_peer, 5, "{", token);
  CHECK(world.server.figures().malformed == 1);
  CHECK(world.server.up());
  world.say(down_peer, 5, "", token);
  world.say(down_peer, 5, error, token);  // it is over
  CHECK(world.server.up());
  world.run(seconds(1));
  CHECK(world.server.free());
  // Two frames never have tokens that can be guessed from each other.
  std::set<unsigned> tokens;
  for (int n = 0; n < 50; ++n) {
    world.say(down_peer, 2, "");
    while (world.server.poll_transmit()) {
    }
    world.server.send(Bytes(10, 1), world.server.base(), world.loop.now());
    const auto next = world.server.poll_transmit();
    const auto of = static_cast<std::uint16_t>(next->octets[1] << 8 | next->octets[2]);
    tokens.insert(of);
    world.say(down_peer, 5, "", of);
    world.run(seconds(1));
  }
  CHECK(tokens.size() > 45);
}

TEST_CASE("forwarder: frames that claim more than eight channels can carry are dropped", "[sim][air]") {
  World world;
  world.bring_up();
  world.connected = false;
  const std::string one = entry("SF7BW125", "AAECAwQFBgcICQoLDA0ODw==", 16);
  std::string many = one;
  for (int n = 1; n < 100; ++n) many += "," + one;
  const Micros claimed = radio::time_on_air({125'000, 7, 5}, {}, 16);
  for (int n = 0; n < 100; ++n) world.say(up_peer, 0, "{\"rxpk\":[" + many + "]}");
  const auto at_once = world.server.figures().received;
  CHECK(Micros(at_once * claimed) <= seconds(80));
  CHECK(Micros((at_once + 1) * claimed) > seconds(80));
  CHECK(world.server.figures().flood == 10'000 - at_once);
  for (int n = 0; n < 60; ++n) {
    world.say(down_peer, 2, "");
    for (int datagram = 0; datagram < 10; ++datagram) world.say(up_peer, 0, "{\"rxpk\":[" + many + "]}");
    world.run(seconds(1));
  }
  const Micros after = (world.server.figures().received - at_once) * claimed;
  CHECK(after <= minutes(8));
  CHECK(after > minutes(7));
  // Eight full frames of the slowest kind at once are no flood.
  World quiet;
  quiet.bring_up();
  quiet.connected = false;
  std::string slow;
  for (int n = 0; n < 8; ++n) slow += (n == 0 ? "" : ",") + entry("SF12BW125", std::string(340, 'A'), 255);
  quiet.say(up_peer, 0, "{\"rxpk\":[" + slow + "]}");
  CHECK(quiet.server.figures().received == 8);
}

TEST_CASE("forwarder: garbage, parts, empty frames and other bandwidths are counted and left out", "[sim][air]") {
  World world;
  world.bring_up();
  world.connected = false;
  const auto before = world.server.figures();
  world.say(up_peer, 0,
            "{\"rxpk\":[" + entry("SF9BW250", "AAEC", 3) + "," + entry("SF6BW125", "AAEC", 3) + "," +
                entry("SF9BW125", "AQEC", 3) + "," + entry("SF9BW125", "AA==", 1) + "," + entry("SF9BW125", "", 0) +
                ",7]}");
  CHECK(world.server.figures().other == before.other + 5);
  CHECK(world.server.figures().malformed == before.malformed + 1);
  world.say(up_peer, 0, "nonsense");
  world.say(up_peer, 3, "");
  world.server.on_datagram(up_peer, {}, world.loop.now());
  world.server.on_datagram(up_peer, Bytes(65'000, '['), world.loop.now());
  CHECK(world.server.figures().malformed == before.malformed + 5);
  CHECK_FALSE(world.server.poll_frame());
  CHECK(world.server.up());
}

TEST_CASE("air: a concentrator hears hamlets of every spreading factor and answers each with its own", "[sim][air]") {
  EventLoop loop;
  Air air(loop, 1);
  AirConcentrator xa(loop, air, usual, 1);
  std::vector<std::unique_ptr<AirModem>> hamlets;
  std::vector<radio::Channel> heard;
  std::vector<int> answers(6);
  const auto answer = [&] {
    if (!xa.free() || heard.empty()) return;
    xa.send(Bytes(12, 7), heard.back());
    heard.pop_back();
  };
  xa.start({[&](ByteView frame, const radio::Signal& signal) {
              CHECK(frame.size() == 40);
              heard.push_back(signal.channel);
              answer();
            },
            answer});
  for (unsigned factor = 7; factor <= 12; ++factor) {
    hamlets.push_back(std::make_unique<AirModem>(loop, air, usual, factor));
    hamlets.back()->start({[&, factor](ByteView, const radio::Signal&) { ++answers[factor - 7]; }, {}});
    hamlets.back()->listen(factor);
  }
  loop.run_for(seconds(2));
  REQUIRE(xa.free());
  for (unsigned n = 0; n < 6; ++n) {
    loop.at(Instant(seconds(10 * (n + 1))), [&, n] { hamlets[n]->send(Bytes(40, 1), {usual.frequency_hz, n + 7}); });
  }
  loop.run_for(minutes(2));
  CHECK(answers == std::vector(6, 1));
  CHECK(xa.figures().lost == 0);
  CHECK(air.figures(xa.number()).received == 6);
  // Gone and back, as the packet forwarder; then as the program.
  xa.device().power_off();
  loop.run_for(minutes(1));
  CHECK_FALSE(xa.state().up);
  CHECK_THAT(xa.state().why, Contains("silent"));
  xa.device().boot();
  loop.run_for(seconds(1));
  CHECK(xa.free());
  xa.stop();
  CHECK_FALSE(xa.state().up);
  xa.start({});
  loop.run_for(seconds(6));
  CHECK(xa.free());
}
