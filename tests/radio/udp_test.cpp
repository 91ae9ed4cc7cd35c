#include "radio/modem/udp.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <catch2/catch.hpp>

#include "sync/base/rng.h"

using namespace khuoi;
using namespace khuoi::radio;
using namespace std::chrono_literals;
using boost::asio::ip::udp;
using Catch::Matchers::Contains;

namespace {

const ForwarderConfig udp_config{{922'500'000, {125'000, 7, 5}, 14}, "127.0.0.1:0", "", {}};

/// A modem in a loop of its own, and a socket that stands for a forwarder.
struct UdpHost {
  template <typename F>
  bool until(F&& holds) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!holds() && std::chrono::steady_clock::now() < end) {
      io.restart();
      io.run_one_for(20ms);
    }
    return holds();
  }
  void start() {
    modem.emplace(io, UdpPeer{"127.0.0.1", 0}, udp_config, rng);
    modem->start({[this](ByteView frame, const Signal& signal) {
                    heard.push_back({to_bytes(frame), signal});
                    if (on_frame) on_frame();
                  },
                  [this] { ++changes; }});
    REQUIRE(until([&] { return modem->port() != 0; }));
    forwarder.connect(udp::endpoint(boost::asio::ip::address_v4::loopback(), modem->port()));
    forwarder.non_blocking(true);
  }
  void say(const char* header, const std::string& json = "") {
    Bytes octets = *from_hex(header);
    append(octets, view_of(json));
    forwarder.send(boost::asio::buffer(octets));
  }
  Bytes answer() {
    Bytes out(2000);
    std::size_t size = 0;
    REQUIRE(until([&] {
      boost::system::error_code none;
      if (size == 0) size = forwarder.receive(boost::asio::buffer(out), 0, none);
      return size != 0;
    }));
    out.resize(size);
    return out;
  }

  boost::asio::io_context io{1};
  SeededRng rng{1};
  udp::socket forwarder{io, udp::v4()};
  std::vector<HeardFrame> heard;
  std::function<void()> on_frame;
  int changes = 0;
  std::optional<UdpModem> modem;
};

const char* const pull = "02beef02aa555a0000000101";
const char* const push = "02010200aa555a0000000101";
const std::string heard_one =
    R"({"rxpk":[{"freq":922.5,"stat":1,"modu":"LORA","datr":"SF7BW125","codr":"4/5","lsnr":5,"rssi":-35,"size":3,"data":"AAEC"}]})";

}  // namespace

TEST_CASE("udp: a forwarder that asks is up, its frames are heard, and frames are given to it", "[radio]") {
  UdpHost host;
  host.start();
  CHECK_FALSE(host.modem->state().up);
  CHECK(host.modem->state().why.empty());
  CHECK(host.modem->hears_all());
  host.say(pull);
  CHECK(host.answer() == *from_hex("02beef04"));
  REQUIRE(host.until([&] { return host.changes > 0; }));
  REQUIRE(host.modem->state().up);
  host.say(push, heard_one);
  CHECK(host.answer() == *from_hex("02010201"));
  REQUIRE(host.until([&] { return host.heard.size() == 1; }));
  CHECK(host.heard[0].octets == Bytes{1, 2});
  CHECK(host.heard[0].signal.channel == Channel{922'500'000, 7});
  REQUIRE(host.modem->free());
  host.modem->send(Bytes(5, 1), {922'500'000, 7});
  CHECK_FALSE(host.modem->free());
  const Bytes given = host.answer();
  CHECK_THAT(std::string(text_of(given)), Contains(R"("datr":"SF7BW125")"));
  host.say(("02" + to_hex(ByteView(given).subspan(1, 2)) + "05aa555a0000000101").c_str());
  CHECK(host.until([&] { return host.modem->free(); }));
  CHECK(host.modem->figures().lost == 0);
  host.modem->stop();
  CHECK_FALSE(host.modem->state().up);
  host.modem->stop();
}

TEST_CASE("udp: an address that is taken is named, and taken once it is free", "[radio]") {
  UdpHost first;
  first.start();
  UdpModem second(first.io, UdpPeer{"127.0.0.1", first.modem->port()}, udp_config, first.rng);
  second.start({});
  REQUIRE(first.until([&] { return !second.state().why.empty(); }));
  CHECK_THAT(second.state().why, Contains("cannot be taken") && Contains("stop the program that has it"));
  CHECK(second.port() == 0);
  first.modem->stop();
  CHECK(first.until([&] { return second.port() != 0; }));
  second.stop();
}

TEST_CASE("udp: whoever hears a frame may send, stop, or end the modem at once", "[radio]") {
  const int act = GENERATE(0, 1, 2);
  UdpHost host;
  host.start();
  host.say(pull);
  REQUIRE(host.until([&] { return host.modem->state().up; }));
  host.on_frame = [&] {
    if (act == 0) {
      if (host.modem->free()) host.modem->send(Bytes(5, 1), host.modem->base());
    } else if (act == 1) {
      host.modem->stop();
    } else {
      host.modem.reset();
    }
  };
  host.say(push, heard_one);
  REQUIRE(host.until([&] { return host.heard.size() == 1; }));
  if (act == 2) {
    host.io.restart();
    host.io.poll();
    CHECK(host.io.stopped());  // no handler is left
  } else {
    CHECK_FALSE(host.modem->free());
  }
}
