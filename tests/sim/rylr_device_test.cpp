#include "sim/air/rylr_device.h"

#include <catch2/catch.hpp>

#include "radio/modem/rylr.h"
#include "sync/base/rng.h"

using namespace khuoi;
using namespace khuoi::sim;
using Catch::Matchers::Contains;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr radio::ModemSettings usual{922'500'000, {125'000, 9, 5}, 14};

/// A driver of ours and a modem, joined by a cable, in virtual time.
struct Host {
  EventLoop& loop;
  RylrDevice device;
  SeededRng rng;
  radio::Rylr driver;
  std::vector<radio::HeardFrame> heard;
  std::string written;
  bool connected = true;
  Host(EventLoop& at, Air& air, RylrDevice::Model model, const radio::ModemSettings& settings = usual,
       std::uint64_t seed = 1)
      : loop(at), device(at, air, model), rng(seed), driver(settings, rng) {
    driver.opened(loop.now());
  }
  void work() {
    for (;;) {
      const Bytes down = driver.poll_transmit();
      written += text_of(down);
      if (!down.empty() && connected) device.on_octets(down);
      const Bytes up = device.take_output();
      if (!up.empty() && connected) driver.on_octets(up, loop.now());
      if (down.empty() && up.empty()) break;
    }
    while (auto frame = driver.poll_frame()) heard.push_back(*frame);
  }
};

struct Pair {
  EventLoop loop;
  Air air{loop, 1};
  Host a, b;
  explicit Pair(RylrDevice::Model model = RylrDevice::Model::rylr998, const radio::ModemSettings& settings = usual)
      : a(loop, air, model, settings, 1), b(loop, air, model, settings, 2) {}
  void run(Micros time) {
    const Instant until = loop.now() + time;
    while (loop.now() < until) {
      for (Host* host : {&a, &b}) {
        host->work();
        const auto deadline = host->driver.next_deadline();
        if (deadline && *deadline <= loop.now()) host->driver.on_timer(loop.now());
        host->work();
      }
      loop.run_for(milliseconds(1));
    }
  }
  Pair& bring_up() {
    run(seconds(3));
    INFO(a.driver.why() << b.driver.why());
    REQUIRE(a.driver.up());
    REQUIRE(b.driver.up());
    return *this;
  }
};

}  // namespace

TEST_CASE("rylr: both families are found, set up, read back and written only where they differ", "[sim][air]") {
  const auto model = GENERATE(RylrDevice::Model::rylr896, RylrDevice::Model::rylr998);
  Pair pair(model);
  pair.bring_up();
  CHECK(pair.a.driver.free());
  CHECK(pair.a.driver.why().empty());
  CHECK(pair.a.driver.channel() == radio::Channel{922'500'000, 9});
  const bool newer = model == RylrDevice::Model::rylr998;
  CHECK_THAT(pair.a.written, Contains("AT+BAND=922500000\r\n") && Contains("AT+CRFOP=14\r\n"));
  CHECK(Contains("AT+PARAMETER=").match(pair.a.written) == !newer);  // the one has it so from the beginning
  if (!newer) CHECK_THAT(pair.a.written, Contains("AT+PARAMETER=9,7,1,7\r\n"));
  const unsigned writes = pair.a.device.writes();
  CHECK(writes == (newer ? 4 : 5));
  pair.a.driver.closed();
  pair.a.driver.opened(pair.loop.now());
  pair.run(hours(1));
  CHECK(pair.a.driver.up());
  CHECK(pair.a.device.writes() == writes);
  CHECK(pair.a.driver.figures().malformed == 0);
}

TEST_CASE("rylr: frames of any octets and length go over, and take as long as is said", "[sim][air]") {
  Pair pair;
  pair.bring_up();
  pair.a.device.set_early_ok(GENERATE(false, true));
  SeededRng rng(7);
  Micros expected{};
  std::vector<Bytes> sent;
  for (const std::size_t size : {1, 4, 5, 11, 100, 191, 192}) {
    sent.emplace_back(size);
    rng.fill(sent.back());
    REQUIRE(pair.a.driver.free());
    pair.a.driver.send(sent.back(), pair.loop.now());
    CHECK_FALSE(pair.a.driver.free());
    const Micros airtime = pair.a.driver.airtime(size, 9);
    expected += airtime;
    pair.run(radio::rylr_wait_max(usual.modulation) + airtime + milliseconds(10));
  }
  REQUIRE(pair.b.heard.size() == sent.size());
  for (std::size_t n = 0; n < sent.size(); ++n) CHECK(pair.b.heard[n].octets == sent[n]);
  CHECK(pair.b.heard[0].signal.channel == radio::Channel{922'500'000, 9});
  CHECK(pair.b.heard[0].signal.snr_db == 8);
  CHECK(pair.air.figures(0).airtime == expected);
  CHECK(pair.a.driver.figures().sent == sent.size());
}

TEST_CASE("rylr: two that want to speak at once wait random turns, and seldom meet", "[sim][air]") {
  Pair pair;
  pair.bring_up();
  for (int n = 0; n < 100; ++n) {
    pair.a.driver.send(Bytes(20, 1), pair.loop.now());
    pair.b.driver.send(Bytes(20, 2), pair.loop.now());
    pair.run(seconds(3));
    REQUIRE(pair.a.driver.free());
    REQUIRE(pair.b.driver.free());
  }
  // A frame takes six turns, of which there are 14; whoever hears one while it waits begins to wait anew.
  CHECK(pair.a.heard.size() > 40);
  CHECK(pair.b.heard.size() > 40);
}

TEST_CASE("rylr: a modem that is still sending gets the frame again, and is given up when that does not end",
          "[sim][air]") {
  Pair pair;
  pair.bring_up();
  pair.a.device.set_full(true);
  pair.a.driver.send(Bytes(20, 1), pair.loop.now());
  pair.run(seconds(20));
  CHECK(pair.a.driver.up());
  CHECK_FALSE(pair.a.driver.free());
  CHECK(pair.a.driver.figures().busy > 3);
  pair.a.device.set_full(false);
  pair.run(seconds(3));
  CHECK(pair.a.driver.free());
  CHECK(pair.b.heard.size() == 1);
  CHECK(pair.air.figures(0).frames == 1);
  pair.a.device.set_full(true);
  pair.a.driver.send(Bytes(20, 1), pair.loop.now());
  pair.run(seconds(70));
  REQUIRE(pair.a.driver.failed());
  CHECK_THAT(pair.a.driver.why(), Contains("still sending"));
}

TEST_CASE("rylr: a modem that starts anew, loses its settings or lies is noticed", "[sim][air]") {
  Pair pair;
  pair.bring_up();
  pair.a.driver.send(Bytes(20, 1), pair.loop.now());
  pair.a.work();
  pair.a.device.boot();
  pair.run(seconds(3));
  CHECK(pair.a.driver.free());
  CHECK(pair.a.driver.figures().resets == 1);
  // Somebody sets it to something else.
  pair.a.device.on_octets(view_of("AT+NETWORKID=5\r\n"));
  pair.run(minutes(1));
  CHECK(pair.a.driver.free());
  CHECK(pair.a.driver.figures().resets == 2);
  CHECK_THAT(pair.a.written, Contains("AT+NETWORKID=12\r\n"));
  pair.a.device.set_lying(true);
  pair.run(minutes(1));
  REQUIRE(pair.a.driver.failed());
  CHECK(pair.a.driver.why() == "the modem keeps BAND 922512500 where 922500000 was set: take another board");
}

TEST_CASE("rylr: a modem that is gone, silent or something else is down with a sentence", "[sim][air]") {
  Pair pair;
  pair.bring_up();
  pair.a.connected = false;
  pair.run(seconds(15));
  REQUIRE(pair.a.driver.failed());
  CHECK_THAT(pair.a.driver.why(), Contains("stopped answering"));
  pair.a.driver.closed();
  pair.a.driver.opened(pair.loop.now());
  pair.run(seconds(15));
  REQUIRE(pair.a.driver.failed());
  CHECK_THAT(pair.a.driver.why(), Contains("does not answer as an AT modem"));
  CHECK_THAT(pair.a.written, Contains("AT+RESET"));
  pair.a.driver.closed();
  pair.a.driver.opened(pair.loop.now());
  pair.a.driver.on_timer(pair.loop.now() + seconds(1));
  pair.a.driver.on_octets(view_of("+OK\r\n+VER=XY-12\r\n"), pair.loop.now() + seconds(1));
  REQUIRE(pair.a.driver.failed());
  CHECK_THAT(pair.a.driver.why(), Contains("'XY-12'") && Contains("take an RYLR896 or an RYLR998"));
  // Half a line from before does no harm.
  pair.a.connected = true;
  pair.a.device.on_octets(view_of("AT+SE"));
  pair.a.driver.closed();
  pair.a.driver.opened(pair.loop.now());
  pair.run(seconds(10));
  CHECK(pair.a.driver.up());
}

TEST_CASE("rylr: what a family cannot be set to is said once the modem has named itself", "[sim][air]") {
  const auto why = [](RylrDevice::Model model, const radio::ModemSettings& settings) {
    Pair pair(model, settings);
    pair.run(seconds(3));
    return pair.a.driver.failed() ? pair.a.driver.why() : std::string("up");
  };
  radio::ModemSettings slow = usual;
  slow.modulation.spreading_factor = 10;
  CHECK(why(RylrDevice::Model::rylr896, slow) == "up");
  CHECK(why(RylrDevice::Model::rylr998, slow) ==
        "an RYLR998 cannot be set to spreading factor 10: choose 7 to 9 with this bandwidth");
  radio::ModemSettings loud = usual;
  loud.power_dbm = 20;
  CHECK(why(RylrDevice::Model::rylr998, loud) == "up");
  CHECK(why(RylrDevice::Model::rylr896, loud) == "an RYLR896 cannot be set to power 20: choose power_dbm = 0 to 15");
  radio::ModemSettings low = usual;
  low.frequency_hz = 433'000'000;
  CHECK(why(RylrDevice::Model::rylr998, low) ==
        "an AT modem cannot be set to frequency 433000000: choose 820 to 1020 MHz");
}

TEST_CASE("rylr: another spreading factor is set, read back, and kept over a restart", "[sim][air]") {
  Pair pair;
  pair.bring_up();
  pair.a.driver.send(Bytes(20, 1), pair.loop.now());
  pair.a.driver.listen(7, pair.loop.now());
  pair.run(seconds(3));
  REQUIRE(pair.a.driver.free());
  CHECK(pair.b.heard.size() == 1);  // with the old one
  CHECK(pair.a.driver.channel() == radio::Channel{922'500'000, 7});
  CHECK(pair.a.driver.base() == radio::Channel{922'500'000, 9});
  CHECK_THAT(pair.a.written, Contains("AT+PARAMETER=7,7,1,12\r\nAT+PARAMETER?\r\n"));
  pair.b.driver.listen(7, pair.loop.now());
  pair.run(seconds(1));
  pair.a.driver.send(Bytes(20, 1), pair.loop.now());
  pair.run(seconds(2));
  REQUIRE(pair.b.heard.size() == 2);
  CHECK(pair.b.heard[1].signal.channel.spreading_factor == 7);
  pair.a.device.boot();
  pair.run(seconds(3));
  CHECK(pair.a.driver.channel().spreading_factor == 7);
  pair.a.driver.listen(9, pair.loop.now());
  pair.a.driver.listen(8, pair.loop.now());
  pair.run(seconds(2));
  CHECK(pair.a.driver.free());
  CHECK(pair.a.driver.channel().spreading_factor == 8);
  pair.run(minutes(1));
  CHECK(pair.a.driver.figures().resets == 1);
}

TEST_CASE("rylr: nobody on the air can make the modem seem to say something", "[sim][air]") {
  Pair pair;
  pair.bring_up();
  pair.b.connected = false;
  const auto say = [&](const std::string& data) {
    // As another program's octets: straight onto the air.
    Bytes octets = *from_hex("a50c00000001");
    octets.push_back(static_cast<std::uint8_t>(data.size()));
    octets.push_back(1);
    append(octets, view_of(data));
    pair.air.send(pair.b.device.number(), octets, 12);
    pair.run(seconds(2));
  };
  pair.a.driver.send(Bytes(20, 1), pair.loop.now());
  for (const char* data :
       {"+RESET\r\n+READY\r\n", "x,-1,1\r\n+RESET\r\n", "\r\n+ERR=4\r\n", "+BAND=1\r\n", "", "Hello,"}) {
    say(data);
  }
  CHECK(pair.a.driver.free());
  CHECK(pair.a.driver.figures().foreign == 6);
  CHECK(pair.a.driver.figures().resets == 0);
  CHECK(pair.a.driver.figures().malformed == 0);
  CHECK(pair.a.heard.empty());
}
