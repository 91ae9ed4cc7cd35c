#include "tests/radio/station_world.h"

namespace khuoi::tests {

using namespace std::chrono_literals;

TEST_CASE("station: a thing that is said comes over in one frame and its answer", "[radio][station]") {
  AirWorld world(1, 1);
  REQUIRE(world.run(2min, [&] { return world.hamlet(1).station->figures().peers[0].associated; }));
  world.run(30s);
  const unsigned frames = world.frames();
  const Micros before = world.airtime();
  world.say(world.hamlet(1), 1, 88);
  REQUIRE(world.run(1min, [&] { return world.all_in(); }));
  world.run(60s);
  CHECK(world.frames() - frames == 2);
  CHECK(world.airtime() - before == world.on_air(8 + 2 + 88) + world.on_air(8 + 1 + 1));
}

TEST_CASE("station: the first thing after a start comes over with the JOIN", "[radio][station]") {
  AirWorld world(1, 2);
  world.say(world.hamlet(1), 1, 200);
  REQUIRE(world.run(1min, [&] { return world.all_in(); }));
  world.run(60s);
  CHECK(world.frames() == 2);
  CHECK(world.hamlet(1).fresh == std::vector<bool>{true});
}

TEST_CASE("station: many things go in bursts", "[radio][station]") {
  AirWorld world(1, 3);
  world.run(2min);
  const unsigned frames = world.frames();
  for (int i = 0; i < 20; ++i) world.say(world.hamlet(1), 1, 86);
  REQUIRE(world.run(2min, [&] { return world.all_in(); }));
  world.run(60s);
  CHECK(world.frames() - frames == 8 + 1);
}

TEST_CASE("station: a long thing crosses many bursts", "[radio][station]") {
  AirWorld world(1, 4);
  world.run(2min);
  const Micros before = world.airtime();
  world.say(world.hamlet(1), 1, 10'240);
  REQUIRE(world.run(5min, [&] { return world.all_in(); }));
  const double efficiency = 10'240 * 8 / 5469.0 / std::chrono::duration<double>(world.airtime() - before).count();
  CAPTURE(efficiency);
  CHECK(efficiency > 0.84);
}

TEST_CASE("station: the commune speaks to hamlets that joined", "[radio][station]") {
  AirWorld world(3, 5);
  world.run(2min);
  for (RadioAlias alias = 1; alias <= 3; ++alias) {
    for (int i = 0; i < 5; ++i) world.say(world.commune(), alias, 300);
  }
  REQUIRE(world.run(5min, [&] { return world.all_in(); }));
  CHECK(world.nothing_made_up());
}

TEST_CASE("station: a silent hour has no frame", "[radio][station]") {
  AirWorld world(4, 6);
  world.run(3min);
  const unsigned frames = world.frames();
  world.run(1h);
  CHECK(world.frames() == frames);
}

TEST_CASE("station: what is lost on the way is sent until it is confirmed", "[radio][station]") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    AirWorld world(3, seed);
    world.loss_percent = 20;
    for (RadioAlias alias = 1; alias <= 3; ++alias) {
      for (int i = 0; i < 12; ++i) world.say(world.hamlet(alias), alias, 86);
      for (int i = 0; i < 3; ++i) world.say(world.commune(), alias, 120);
    }
    REQUIRE(world.run(2h, [&] { return world.all_in(); }));
    CHECK(world.nothing_made_up());
    world.run(20min);
    const unsigned frames = world.frames();
    world.run(1h);
    CHECK(world.frames() == frames);
  }
}

TEST_CASE("station: the last frame of a burst is cut to what the hour still allows", "[radio][station]") {
  constexpr auto hour = 3200ms;
  AirWorld world(1, 31, {}, {hour, 0s});
  for (int i = 0; i < 60; ++i) world.say(world.hamlet(1), 1, 70);
  world.run(30min);
  CHECK(world.hamlet(1).airtime <= hour);
  CHECK(world.hamlet(1).airtime + world.on_air(3 * radio::frame_cost) > hour);
  CHECK(world.run(12h, [&] { return world.all_in(); }));
}

TEST_CASE("station: a burst that used the hour up is asked about once in its last part", "[radio][station]") {
  AirWorld world(1, 32, {}, {4s, 800ms});
  auto& hamlet = world.hamlet(1);
  for (int i = 0; i < 60; ++i) world.say(hamlet, 1, 70);
  unsigned lost = 0;
  world.loses = [&](const AirNode& from, const AirNode&) {
    return from.commune && hamlet.airtime > 2900ms && lost++ == 0;
  };
  world.run(30min);
  CHECK(lost > 1);
  const auto confirmed = std::ranges::count_if(hamlet.to_say[1], &AirNode::Thing::confirmed);
  CHECK(static_cast<std::size_t>(confirmed) == world.commune().told[1].size());
  CHECK(hamlet.airtime <= 3200ms + world.on_air(radio::frame_cost));
}

TEST_CASE("station: a hamlet that has the commune alone begins with a burst, and is answered once", "[radio][station]") {
  AirWorld world(2, 33);
  world.run(3min);
  auto& hamlet = world.hamlet(1);
  world.say(world.hamlet(2), 1 + 1, 90);
  world.run(1min);
  const auto frames_of_many = [&] {
    const auto commune_before = world.commune().frames, hamlet_before = hamlet.frames;
    for (int i = 0; i < 10; ++i) world.say(hamlet, 1, 90);
    REQUIRE(world.run(5min, [&] { return world.all_in(); }));
    world.run(1min);
    return std::pair(hamlet.frames - hamlet_before, world.commune().frames - commune_before);
  };
  CHECK(frames_of_many() == std::pair(4U, 2U));  // another one was answered just now
  world.run(15min);
  world.say(hamlet, 1, 20);
  world.run(1min);
  CHECK(frames_of_many() == std::pair(4U, 1U));
}

TEST_CASE("station: a burst that nobody granted comes over though any of its frames is lost", "[radio][station]") {
  for (unsigned lost = 0; lost < 4; ++lost) {
    CAPTURE(lost);
    AirWorld world(1, 34 + lost);
    auto& hamlet = world.hamlet(1);
    world.run(3min);
    const unsigned first = hamlet.frames;
    world.loses = [&](const AirNode& from, const AirNode&) {
      return !from.commune && hamlet.frames == first + 1 + lost;
    };
    for (int i = 0; i < 10; ++i) world.say(hamlet, 1, 90);
    std::size_t twice = 0;
    CHECK(world.run(10min, [&] { return world.all_in(); }));
    CHECK(world.all_in(&twice));
    CHECK(twice == 0);
    CHECK(hamlet.frames <= first + 7);
  }
}

TEST_CASE("station: what is written while it loads is loaded afterwards", "[radio][station]") {
  AirWorld world(1, 7);
  world.run(3min);
  AirNode& hamlet = world.hamlet(1);
  hamlet.station->on_local_change();
  const RadioWork first = hamlet.station->take_work(world.now);
  REQUIRE(first.wanted.size() == 1);
  hamlet.station->on_local_change();  // too late for this look, and told before its end
  RadioWorkDone loaded;
  loaded.loaded.push_back({1, first.wanted[0].association, {}});
  hamlet.station->done(world.now, std::move(loaded));
  CHECK(hamlet.station->take_work(world.now + 2s).wanted.size() == 1);
}

TEST_CASE("station: after a work that failed none is asked for at once, and less and less often", "[radio][station]") {
  AirWorld world(1, 22);
  AirNode& hamlet = world.hamlet(1);
  hamlet.commits_fail = true;
  int works = 0;
  Instant now = world.now;
  for (const Instant end = now + 10min; now < end;) {
    while (!hamlet.station->take_work(now).empty()) {
      ++works;
      hamlet.station->failed(now);
    }
    const auto wakes = hamlet.station->wake(now);
    REQUIRE(wakes);
    now = std::max(*wakes, now + 1ms);
    hamlet.station->next(now);
  }
  CHECK(works >= 10);
  CHECK(works <= 20);
  world.now = now;
  hamlet.commits_fail = false;
  world.say(hamlet, 1, 100);
  CHECK(world.run(3min, [&] { return world.all_in(); }));
}

}  // namespace khuoi::tests
