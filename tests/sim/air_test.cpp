#include "sim/air/air.h"

#include <catch2/catch.hpp>

#include "sim/air/air_modem.h"
#include "tests/support/seed.h"

using namespace khuoi;
using namespace khuoi::sim;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr std::uint32_t hz = 921'400'000;
constexpr radio::Modulation sf7{125'000, 7, 5};
constexpr radio::Modulation sf9{125'000, 9, 5};

/// An antenna with nobody behind it.
struct BareEar final : Ear {
  std::vector<Bytes> frames;
  int sent_count = 0;
  void heard(ByteView octets, const radio::Signal&) override { frames.push_back(to_bytes(octets)); }
  void carrier_changed() override {}
  void sent() override { ++sent_count; }
};

/// Three antennas in one tuning.
struct BareAir {
  EventLoop loop;
  Air air{loop, 7};
  std::array<BareEar, 3> ears;
  std::vector<std::vector<Fate>> fates;
  BareAir() {
    for (BareEar& ear : ears) air.tune(air.add(ear), Tuning{hz, sf7});
    air.set_hook([this](const AirFrame&, const std::vector<Fate>& each) { fates.push_back(each); });
  }
  void send_at(Micros when, ModemNumber from, std::size_t octets = 50) {
    loop.at(Instant(when), [this, from, octets] { air.send(from, Bytes(octets, std::uint8_t(from)), 24); });
  }
};

/// Modems that send one frame after the other whenever they are free.
struct Crowd {
  EventLoop loop;
  Air air;
  std::vector<std::unique_ptr<AirModem>> modems;
  std::vector<int> left;
  std::string trace;
  Crowd(std::size_t count, std::uint64_t seed, const radio::Modulation& modulation, int frames) : air(loop, seed) {
    for (std::size_t n = 0; n < count; ++n) {
      modems.push_back(std::make_unique<AirModem>(loop, air, radio::ModemSettings{hz, modulation, 14}, seed + n));
      left.push_back(frames);
    }
    air.set_hook([this](const AirFrame& frame, const std::vector<Fate>& fates) {
      trace += std::to_string(frame.start.time_since_epoch().count()) + " " + std::to_string(frame.sender);
      for (const Fate each : fates) trace += "arlcdx"[static_cast<std::size_t>(each)];
      trace += "\n";
    });
  }
  void start() {
    for (std::size_t n = 0; n < modems.size(); ++n) {
      modems[n]->start({{}, [this, n] { speak(n); }});
    }
  }
  void speak(std::size_t n) {
    if (left[n] == 0 || !modems[n]->free()) return;
    --left[n];
    modems[n]->send(Bytes(60, std::uint8_t(n)), modems[n]->base());
  }
};

}  // namespace

TEST_CASE("air: airtime by the channel is the time on air of each frame", "[sim][air]") {
  BareAir it;
  Micros expected{};
  Micros at{};
  for (const std::size_t octets : {0, 1, 17, 100, 255}) {
    it.send_at(at, 0, octets);
    expected += radio::time_on_air(sf7, {.preamble_symbols = 24}, octets);
    at += seconds(1);
  }
  it.loop.run_for(seconds(10));
  CHECK(it.air.figures(0).frames == 5);
  CHECK(it.air.figures(0).airtime == expected);
  CHECK(it.air.figures(1).received == 5);
  CHECK(it.air.figures(1).airtime == Micros(0));
  CHECK(it.ears[1].frames == it.ears[2].frames);
  CHECK(it.air.last_frame_end() == Instant(seconds(4)) + radio::time_on_air(sf7, {.preamble_symbols = 24}, 255));
  CHECK(it.ears[0].sent_count == 5);
}

TEST_CASE("air: a modem's frame has the octet and the preamble of an RNode", "[sim][air]") {
  Crowd crowd(2, 3, sf7, 0);
  Bytes heard;
  crowd.modems[0]->start({});
  crowd.modems[1]->start({[&](ByteView frame, const radio::Signal&) { heard = to_bytes(frame); }, {}});
  crowd.modems[0]->send(Bytes(254, 9), crowd.modems[0]->base());
  CHECK_FALSE(crowd.modems[0]->free());
  crowd.loop.run_for(seconds(2));
  CHECK(heard == Bytes(254, 9));
  CHECK(crowd.modems[0]->free());
  // 24 symbols: 412 ms, as an RNode takes for a full frame at SF7.
  CHECK(crowd.air.figures(0).airtime == radio::time_on_air(sf7, {.preamble_symbols = 24}, 255));
  CHECK(crowd.air.figures(0).airtime == crowd.modems[0]->airtime(254, 7));
}

TEST_CASE("air: frames that overlap are lost at each receiver, and those beside each other are not", "[sim][air]") {
  BareAir it;
  const Micros airtime = radio::time_on_air(sf7, {.preamble_symbols = 24}, 50);
  it.send_at(milliseconds(0), 0);
  it.send_at(milliseconds(40), 1);  // the first is heard by now
  it.send_at(seconds(1), 0);
  it.send_at(seconds(1) + airtime, 1);
  it.loop.run_for(seconds(3));
  REQUIRE(it.fates.size() == 4);
  CHECK(it.fates[0] == std::vector{Fate::away, Fate::deaf, Fate::collided});
  CHECK(it.fates[1] == std::vector{Fate::deaf, Fate::away, Fate::collided});
  CHECK(it.fates[2] == std::vector{Fate::away, Fate::received, Fate::received});
  CHECK(it.fates[3] == std::vector{Fate::received, Fate::away, Fate::received});
  CHECK(it.air.figures(2).collided == 2);
  CHECK(it.air.figures(1).deaf == 1);
}

TEST_CASE("air: a frame stronger by 6 dB survives, unless the receiver stays with the weaker one", "[sim][air]") {
  const auto fates_at_2 = [](int first_db, int second_db, Micros second_at) {
    BareAir it;
    it.air.set_snr(0, 2, first_db);
    it.air.set_snr(1, 2, second_db);
    it.send_at(milliseconds(0), 0);
    it.send_at(second_at, 1);
    it.loop.run_for(seconds(1));
    return std::pair(it.fates.at(0)[2], it.fates.at(1)[2]);
  };
  // The preamble takes 24.6 ms; 19.5 ms of it can be missed.
  CHECK(fates_at_2(8, 2, milliseconds(60)) == std::pair(Fate::received, Fate::collided));
  CHECK(fates_at_2(8, 3, milliseconds(60)) == std::pair(Fate::collided, Fate::collided));
  CHECK(fates_at_2(2, 8, milliseconds(60)) == std::pair(Fate::collided, Fate::collided));
  CHECK(fates_at_2(2, 8, milliseconds(10)) == std::pair(Fate::collided, Fate::received));
  // The second still has its preamble whole when the first ends, which is damaged.
  const Micros airtime = radio::time_on_air(sf7, {.preamble_symbols = 24}, 50);
  CHECK(fates_at_2(8, 8, airtime - milliseconds(5)) == std::pair(Fate::collided, Fate::received));
}

TEST_CASE("air: who sends hears nothing, who came late or left early neither", "[sim][air]") {
  BareAir it;
  it.air.tune(2, std::nullopt);
  it.loop.at(Instant(milliseconds(50)), [&] { it.air.tune(2, Tuning{hz, sf7}); });
  it.send_at(milliseconds(0), 0, 200);
  it.send_at(milliseconds(100), 1, 1);
  it.loop.run_for(seconds(2));
  REQUIRE(it.fates.size() == 2);
  CHECK(it.fates[0] == std::vector{Fate::deaf, Fate::away, Fate::collided});
  CHECK(it.fates[1] == std::vector{Fate::away, Fate::deaf, Fate::away});
  it.send_at(seconds(3), 0, 200);
  it.loop.at(Instant(seconds(3) + milliseconds(100)), [&] { it.air.stop_sending(0); });
  it.loop.run_until(Instant(seconds(5)));
  REQUIRE(it.fates.size() == 3);
  CHECK(it.fates[2] == std::vector{Fate::away, Fate::cut, Fate::cut});
  CHECK(it.air.figures(0).airtime ==
        radio::time_on_air(sf7, {.preamble_symbols = 24}, 200) + Micros(milliseconds(100)));
  CHECK(it.ears[0].sent_count == 1);
}

TEST_CASE("air: spreading factors and far frequencies do not hear each other, nor too weak ways", "[sim][air]") {
  BareAir it;
  it.air.tune(1, Tuning{hz, sf9});
  it.air.tune(2, Tuning{hz + 200'000, sf7});
  it.send_at(milliseconds(0), 0);
  it.send_at(milliseconds(5), 1);
  it.loop.run_for(seconds(1));
  CHECK(it.fates == std::vector(2, std::vector(3, Fate::away)));
  it.air.tune(1, Tuning{hz + 100, sf7});
  it.air.tune(2, Tuning{hz, sf7});
  it.air.set_snr(0, 1, -7);
  it.air.set_snr(0, 2, -8);  // SF7 needs -7.5 dB
  it.send_at(seconds(2), 0);
  it.loop.run_until(Instant(seconds(3)));
  CHECK(it.fates.at(2) == std::vector{Fate::away, Fate::received, Fate::away});
}

TEST_CASE("air: two that hear each other keep apart, two that are hidden do not", "[sim][air]") {
  const auto collided_at_third = [](bool hidden) {
    Crowd crowd(3, 11, sf9, 0);
    if (hidden) crowd.air.hide(0, 1);
    crowd.left[0] = crowd.left[1] = 200;
    crowd.start();
    crowd.loop.run_for(hours(1));
    CHECK(crowd.air.figures(0).frames == 200);
    CHECK(crowd.air.figures(1).frames == 200);
    CHECK(crowd.air.figures(2).received + crowd.air.figures(2).collided == 400);
    return crowd.air.figures(2).collided;
  };
  // Two that begin in the same slot still meet.
  CHECK(collided_at_third(false) < 40);
  CHECK(collided_at_third(true) > 120);
}

TEST_CASE("air: losses are as many as asked for, each receiver for itself, alone or in bursts", "[sim][air]") {
  const auto run = [](std::optional<unsigned> burst) {
    BareAir it;
    it.air.set_losses({200, burst});
    for (int n = 0; n < 20'000; ++n) it.send_at(milliseconds(200) * n, 0);
    it.loop.run_for(hours(2));
    REQUIRE(it.fates.size() == 20'000);
    std::array<int, 2> lost{};
    int rows = 0;
    int both = 0;
    for (std::size_t n = 0; n < it.fates.size(); ++n) {
      const bool first = it.fates[n][1] == Fate::lost;
      const bool second = it.fates[n][2] == Fate::lost;
      lost[0] += first;
      lost[1] += second;
      both += first && second;
      rows += first && (n == 0 || it.fates[n - 1][1] != Fate::lost);
    }
    CHECK(it.air.figures(1).lost == std::uint64_t(lost[0]));
    for (const int each : lost) CHECK(each == Approx(4000).epsilon(0.08));
    CHECK(both == Approx(800).epsilon(0.25));
    return double(lost[0]) / rows;
  };
  CHECK(run(std::nullopt) == Approx(1.25).epsilon(0.05));
  CHECK(run(5) == Approx(5).epsilon(0.1));
}

TEST_CASE("air: the worst hour is that of an oracle that tries every window", "[sim][air]") {
  const std::uint64_t seed = tests::seed_of_run(23);
  INFO("seed=" << seed);
  SeededRng rng(seed);
  for (int run = 0; run < 300; ++run) {
    AirtimeLog log;
    std::vector<bool> on;
    while (on.size() < 300) {
      on.insert(on.end(), rng.below(40), false);
      const std::uint64_t length = 1 + rng.below(30);
      log.add(Instant(Micros(on.size())), Instant(Micros(on.size() + length)));
      on.insert(on.end(), length, true);
    }
    const std::size_t window = 1 + rng.below(200);
    std::size_t worst = 0;
    for (std::size_t from = 0; from < on.size(); ++from) {
      const auto end = on.begin() + std::ptrdiff_t(std::min(on.size(), from + window));
      worst = std::max(worst, std::size_t(std::count(on.begin() + std::ptrdiff_t(from), end, true)));
    }
    REQUIRE(log.worst(Micros(window)) == Micros(worst));
  }
}

TEST_CASE("air: an hour of ten modems is the same for the same seed and another one for another", "[sim][air]") {
  const auto run = [](std::uint64_t seed) {
    Crowd crowd(10, seed, sf9, 300);
    crowd.air.set_losses({200, 4});
    crowd.air.hide(1, 2);
    crowd.start();
    crowd.loop.run_for(hours(1));
    return crowd.trace;
  };
  const std::string first = run(1);
  CHECK(first.size() > 10'000);
  CHECK(first == run(1));
  CHECK(first != run(2));
}

TEST_CASE("air: a modem that starts anew loses its queue, and a pulled one is down until it is put back",
          "[sim][air]") {
  Crowd crowd(2, 5, sf7, 0);
  AirModem& modem = *crowd.modems[0];
  crowd.modems[1]->start({});
  modem.start({});
  REQUIRE(modem.state().up);
  modem.send(Bytes(20, 1), modem.base());
  modem.reset(seconds(2));
  CHECK_FALSE(modem.state().up);
  CHECK_FALSE(modem.state().why.empty());
  crowd.loop.run_for(seconds(3));
  CHECK(modem.free());
  CHECK(crowd.air.figures(0).frames == 0);
  modem.pull();
  crowd.loop.run_for(minutes(1));
  CHECK_FALSE(modem.state().up);
  modem.plug();
  REQUIRE(modem.free());
  modem.send(Bytes(20, 1), modem.base());
  crowd.loop.run_for(seconds(3));
  CHECK(crowd.air.figures(1).received == 1);
}

TEST_CASE("air: a modem counts as free only after its frame has left, also when it had to wait for another",
          "[sim][air]") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Crowd crowd(2, seed, sf9, 0);
    bool left = true;
    crowd.air.set_hook([&](const AirFrame& frame, const std::vector<Fate>&) { left |= frame.sender == 0; });
    int early = 0;
    crowd.modems[0]->start({{}, [&] { early += crowd.modems[0]->free() && !left; }});
    crowd.modems[1]->start({});
    for (int n = 0; n < 50; ++n) {
      // The other one's frame begins within 1.4 s, and takes 1.3 s.
      if (n % 2 == 1)
        crowd.loop.at(Instant(seconds(10 * n)), [&] { crowd.modems[1]->send(Bytes(200, 1), crowd.modems[1]->base()); });
      crowd.loop.at(Instant(seconds(10 * n) + milliseconds(1500)), [&] {
        left = false;
        crowd.modems[0]->send(Bytes(30, 0), crowd.modems[0]->base());
      });
    }
    crowd.loop.run_for(hours(1));
    CHECK(crowd.air.figures(0).frames == 50);
    CHECK(crowd.air.figures(1).received == 50);
    CHECK(early == 0);
  }
}

TEST_CASE("air: a modem that listens with another spreading factor hears that one, and sends what it had before",
          "[sim][air]") {
  Crowd crowd(3, 5, sf9, 0);
  std::vector<radio::Channel> heard;
  const auto hear = [&](ByteView, const radio::Signal& signal) { heard.push_back(signal.channel); };
  crowd.modems[0]->start({});
  crowd.modems[1]->start({hear, {}});
  crowd.modems[2]->start({hear, {}});
  const auto send = [&](std::size_t n, radio::Channel channel) {
    crowd.modems[n]->send(Bytes(20, 1), channel);
    crowd.loop.run_for(seconds(3));
  };
  const radio::Channel base = crowd.modems[0]->base();
  crowd.modems[0]->send(Bytes(20, 1), base);
  crowd.modems[0]->listen(7);
  CHECK_FALSE(crowd.modems[0]->free());
  crowd.loop.run_for(seconds(3));
  REQUIRE(crowd.modems[0]->free());
  CHECK(heard == std::vector(2, base));
  CHECK(crowd.modems[0]->base() == base);
  const radio::Channel fast{hz, 7};
  send(0, fast);
  CHECK(heard.size() == 2);
  crowd.modems[1]->listen(7);
  CHECK_FALSE(crowd.modems[1]->free());
  crowd.loop.run_for(seconds(1));
  send(0, fast);
  CHECK(heard == std::vector{base, base, fast});
  CHECK(crowd.air.figures(0).airtime == crowd.modems[0]->airtime(20, 9) + 2 * crowd.modems[0]->airtime(20, 7));
  // One that was pulled and put back goes on with it, and can go home.
  crowd.modems[1]->pull();
  crowd.modems[1]->plug();
  send(0, fast);
  CHECK(heard.size() == 4);
  crowd.modems[0]->listen(9);
  crowd.modems[1]->listen(9);
  crowd.loop.run_for(seconds(1));
  send(0, base);
  CHECK(heard.size() == 6);
}
