#include "radio/modem/rylr_lines.h"
#include "tests/radio/station_world.h"

namespace khuoi::tests {

using namespace std::chrono_literals;

TEST_CASE("station: a modem that takes short frames is given none that is longer", "[radio][station]") {
  const std::size_t octets = GENERATE(48U, 100U, std::size_t{radio::rylr_frame_octets_max});
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(octets, seed);
    AirWorld world(3, seed);
    world.limit_frames(octets);
    world.loss_percent = 20;
    world.run(10min);
    for (RadioAlias alias = 1; alias <= 3; ++alias) {
      for (int i = 0; i < 6; ++i) world.say(world.hamlet(alias), alias, 150);
      world.say(world.hamlet(alias), alias, 2000);
      world.say(world.commune(), alias, 700);
    }
    world.say_to_all(900);
    CHECK(world.run(6h, [&] { return world.all_in() && world.all_told(); }));
    CHECK(world.nothing_made_up());
  }
}

TEST_CASE("station: short frames are passed on for a hamlet that the commune does not hear", "[radio][station]") {
  AirWorld world(2, 1);
  world.limit_frames(radio::rylr_frame_octets_max);
  world.commune().deaf_to = {&world.hamlet(2)};
  world.hamlet(2).deaf_to = {&world.commune()};
  world.run(10min);
  world.say(world.hamlet(2), 2, 600);
  world.say(world.commune(), 2, 400);
  CHECK(world.run(6h, [&] { return world.all_in(); }));
}

}  // namespace khuoi::tests
