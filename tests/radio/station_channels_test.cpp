#include "tests/radio/station_world.h"

namespace khuoi::tests {

namespace {

using radio::FrameType;

FrameType type_of(const Bytes& frame) { return static_cast<FrameType>(frame.front() >> 4U); }

/// A commune that hears every spreading factor, with a base of 7, and hamlets that call with 12.
struct FarHamlets {
  AirWorld air;
  std::map<FrameType, unsigned> by_commune, by_hamlets;
  FarHamlets(std::size_t hamlets, std::uint64_t seed) : air(hamlets, seed, {125'000, 12, 5}) {
    air.concentrator(7);
    air.on_frame = [this](AirNode& from, Bytes& frame) {
      ++(from.commune ? by_commune : by_hamlets)[type_of(frame)];
    };
  }
};

}  // namespace

TEST_CASE("station: a commune waits for a slow hamlet's burst as long as that takes, and grants it once",
          "[radio][station]") {
  FarHamlets far(1, 1);
  AirWorld& air = far.air;
  air.run(std::chrono::minutes(10));
  far.by_commune.clear();
  far.by_hamlets.clear();
  for (int i = 0; i < 10; ++i) air.say(air.hamlet(1), 1, 200);
  REQUIRE(air.run(std::chrono::hours(1), [&] { return air.all_in(); }));
  CHECK(far.by_hamlets[FrameType::data] == 9);  // 2,020 octets, 246 a frame
  CHECK(far.by_hamlets[FrameType::ask] == 0);
  CHECK(far.by_commune[FrameType::ack] == 2);  // on the first, with a grant, and on the burst
}

TEST_CASE("station: a commune awaits a slow hamlet's answer as long as that takes", "[radio][station]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    FarHamlets far(3, seed);
    AirWorld& air = far.air;
    air.run(std::chrono::minutes(20));
    far.by_commune.clear();
    for (RadioAlias one = 1; one <= 3; ++one) air.say(air.commune(), one, 230);
    INFO("seed " << seed);
    REQUIRE(air.run(std::chrono::hours(1), [&] { return air.all_in(); }));
    CHECK(far.by_commune[FrameType::ask] == 0);
    CHECK(far.by_commune[FrameType::data] == 3);
  }
}

TEST_CASE("station: slow hamlets have their whole turn to report on what went to all", "[radio][station]") {
  FarHamlets far(4, 3);
  AirWorld& air = far.air;
  air.run(std::chrono::minutes(20));
  far.by_commune.clear();
  air.say_to_all(400);
  REQUIRE(air.run(std::chrono::hours(1), [&] { return air.all_told(); }));
  CHECK(far.by_commune[FrameType::poll] == 0);
}

}  // namespace khuoi::tests
