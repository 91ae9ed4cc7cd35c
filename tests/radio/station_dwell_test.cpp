#include "tests/radio/station_world.h"

namespace khuoi::tests {

using namespace std::chrono_literals;

namespace {

/// What a frame of AS923 may take at most.
constexpr Micros dwell = 400ms;

/// The longest frame that went on the air, as the channel counts it.
struct Dwell {
  Micros longest{};
  std::set<unsigned> types;
  explicit Dwell(AirWorld& air) {
    air.on_frame = [this, &air](AirNode&, Bytes& frame) {
      longest = std::max(longest, air.on_air(frame.size()));
      types.insert(frame.front() >> 4U);
    };
  }
};

}  // namespace

TEST_CASE("station: under a dwell limit no frame takes longer, and records of 2 kB go in pieces all the same",
          "[radio][station]") {
  // SF10 at 125 kHz has no room for a frame within 400 ms; at 250 kHz it has.
  for (const radio::Modulation modulation : {radio::Modulation{125'000, 9, 5}, radio::Modulation{250'000, 10, 5}}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      AirWorld air(3, seed, modulation);
      air.limit_dwell(dwell);
      for (auto& node : air.nodes) node->long_notes = true;
      const Dwell seen(air);
      air.loss_percent = 10;
      for (RadioAlias one = 1; one <= 3; ++one) {
        air.say(air.hamlet(one), one, 2000);
        air.say(air.commune(), one, 2000);
      }
      air.say_to_all(2000);
      INFO("spreading factor " << modulation.spreading_factor << ", seed " << seed);
      CHECK(air.run(4h, [&] { return air.all_in() && air.all_told(); }));
      CHECK(seen.longest <= dwell);
      CHECK(seen.longest > dwell / 2);
    }
  }
}

TEST_CASE("station: under a dwell limit what is asked of many hamlets goes in several frames", "[radio][station]") {
  AirWorld air(40, 5, {125'000, 9, 5});
  air.limit_dwell(dwell);
  air.run(30min);
  const Dwell seen(air);
  for (std::size_t i = 1; i <= 40; ++i) air.hamlet(i).deaf_to = {&air.commune()};
  air.say_to_all(300);
  air.run(1h);
  CHECK(seen.types.contains(static_cast<unsigned>(radio::FrameType::poll)));
  CHECK(seen.longest <= dwell);
}

TEST_CASE("station: under a dwell limit neighbours that call in vain are told of, and served, as far as frames hold",
          "[radio][station]") {
  AirWorld air(26, 6, {125'000, 9, 5});
  for (std::size_t i = 2; i <= 26; ++i) {
    air.commune().deaf_to.insert(&air.hamlet(i));
    air.hamlet(i).deaf_to.insert(&air.commune());
  }
  air.limit_dwell(dwell);
  const Dwell seen(air);
  air.run(4h);
  CHECK(seen.types.contains(static_cast<unsigned>(radio::FrameType::hears)));
  CHECK(seen.types.contains(static_cast<unsigned>(radio::FrameType::serve)));
  CHECK(seen.longest <= dwell);
}

TEST_CASE("station: a commune cuts frames for a slow hamlet so that they keep within the dwell limit",
          "[radio][station]") {
  AirWorld air(1, 7, {125'000, 9, 5});
  air.limit_dwell(dwell);
  air.concentrator(7);
  const Dwell seen(air);
  air.say(air.commune(), 1, 2000);
  CHECK(air.run(2h, [&] { return air.all_in(); }));
  CHECK(seen.longest <= dwell);
}

TEST_CASE("station: what fits into no object with frames as short as these goes to each hamlet alone",
          "[radio][station]") {
  AirWorld air(2, 8, {125'000, 9, 5});
  air.limit_dwell(dwell);
  air.run(10min);
  air.say_to_all(7000);  // 127 symbols hold 6,223 octets
  air.run(1min);
  CHECK(air.commune().for_all[0].spoilt == std::set<RadioAlias>{1, 2});
}

}  // namespace khuoi::tests
