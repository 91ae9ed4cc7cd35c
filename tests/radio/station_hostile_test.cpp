#include "tests/radio/station_world.h"

namespace khuoi::tests {

using namespace std::chrono_literals;

TEST_CASE("station: junk on the air is neither answered nor counted as heard", "[radio][station]") {
  AirWorld world(2, 11);
  world.run(3min);
  const unsigned frames = world.frames();
  for (int i = 0; i < 5000; ++i) {
    Bytes junk(world.rng.below(258));
    world.rng.fill(junk);
    if (junk.size() > 3 && i % 2 == 0) {
      junk[0] = static_cast<std::uint8_t>((1 + world.rng.below(5)) << 4U | (junk[0] & 15U));
      junk[1] = 0;
      junk[2] = 1;
    }
    for (auto& node : world.nodes) node->station->on_frame(world.now, junk, {});
  }
  world.run(10min);
  CHECK(world.frames() == frames);
  CHECK(world.commune().station->figures().frames_junk >= 5000);
}

TEST_CASE("station: recorded frames that are played again cost no airtime", "[radio][station]") {
  AirWorld world(1, 12);
  std::vector<Bytes> recorded;
  world.on_frame = [&](AirNode&, Bytes& frame) { recorded.push_back(frame); };
  for (int i = 0; i < 30; ++i) world.say(world.hamlet(1), 1, 90);
  REQUIRE(world.run(10min, [&] { return world.all_in(); }));
  for (int i = 0; i < 5; ++i) world.say(world.commune(), 1, 90);
  REQUIRE(world.run(10min, [&] { return world.all_in(); }));
  world.run(1min);
  world.on_frame = {};
  const unsigned frames = world.frames();
  const auto told = world.commune().told;
  for (int round = 0; round < 20; ++round) {
    for (const Bytes& frame : recorded) {
      for (auto& node : world.nodes) node->station->on_frame(world.now, frame, {});
    }
    world.run(1min);
  }
  CHECK(world.frames() == frames);
  CHECK(world.commune().told == told);
}

TEST_CASE("station: old JOINs that are played again neither end an association nor are answered often",
          "[radio][station]") {
  AirWorld world(1, 13);
  std::vector<Bytes> joins;
  world.on_frame = [&](AirNode&, Bytes& frame) {
    if (frame[0] >> 4U == 1) joins.push_back(frame);
  };
  for (int i = 0; i < 30; ++i) {  // starts of the hamlet, of which somebody keeps the JOINs
    world.start(world.hamlet(1));
    world.run(2min);
  }
  REQUIRE(joins.size() >= 30);
  world.on_frame = {};
  const unsigned frames = world.commune().frames;
  for (int minute = 0; minute < 10; ++minute) {
    for (const Bytes& join : joins) world.commune().station->on_frame(world.now, join, {});
    world.run(1min);
  }
  CHECK(world.commune().frames - frames <= 10 * 4);
  world.say(world.hamlet(1), 1, 90);
  const unsigned before = world.hamlet(1).frames;
  REQUIRE(world.run(5min, [&] { return world.all_in(); }));
  CHECK(world.hamlet(1).frames - before <= 2);
}

TEST_CASE("station: a commune that takes ten seconds for a commit is not asked again and again", "[radio][station]") {
  Micros quick{};
  for (const Micros takes : {Micros(20ms), Micros(10s)}) {
    AirWorld world(2, 14);
    world.run(3min);
    world.commune().commit_takes = takes;
    const Micros before = world.airtime();
    for (int i = 0; i < 40; ++i) {
      world.say(world.hamlet(1), 1, 90);
      world.say(world.hamlet(2), 2, 90);
      if (i % 4 == 0) world.run(40s);
    }
    REQUIRE(world.run(30min, [&] { return world.all_in(); }));
    world.run(2min);
    const Micros spent = world.airtime() - before;
    if (quick == Micros(0)) quick = spent;
    CAPTURE(quick.count(), spent.count());
    CHECK(10 * spent <= 12 * quick);
  }
}

TEST_CASE("station: either side may restart between any two frames", "[radio][station]") {
  for (const bool commune_restarts : {false, true}) {
    for (unsigned at = 1; at <= 24; ++at) {
      CAPTURE(commune_restarts, at);
      AirWorld world(2, 100 + at);
      world.loss_percent = 10;
      unsigned seen = 0;
      AirNode* restarts = nullptr;
      world.on_frame = [&](AirNode&, Bytes&) {
        if (++seen == at) restarts = commune_restarts ? &world.commune() : &world.hamlet(1);
      };
      for (int i = 0; i < 15; ++i) {
        world.say(world.hamlet(1), 1, 100);
        world.say(world.hamlet(2), 2, 100);
        world.say(world.commune(), 1, 70);
      }
      for (int i = 0; i < 600 && !(seen > at && world.all_in()); ++i) {
        world.run(10s, [&] { return restarts != nullptr; });
        if (AirNode* node = std::exchange(restarts, nullptr)) world.start(*node);
      }
      CHECK(world.all_in());
      CHECK(world.nothing_made_up());
      world.run(30min);
      const unsigned frames = world.frames();
      world.run(1h);
      CHECK(world.frames() == frames);
    }
  }
}

TEST_CASE("station: a commune that started anew is found again at the first word", "[radio][station]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    AirWorld world(3, seed);
    world.run(3min);
    world.start(world.commune());
    world.say(world.hamlet(1), 1, 100);
    CHECK(world.run(30s, [&] { return world.all_in(); }));
  }
}

TEST_CASE("station: nothing is confirmed before it is committed", "[radio][station]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    AirWorld world(1, seed);
    world.run(2min);
    world.commune().commits_fail = true;
    for (int i = 0; i < 10; ++i) world.say(world.hamlet(1), 1, 100);
    world.run(20min);
    const auto& things = world.hamlet(1).to_say[1];
    CHECK(std::none_of(things.begin(), things.end(), [](const auto& thing) { return thing.confirmed; }));
    world.commune().commits_fail = false;
    REQUIRE(world.run(2h, [&] { return world.all_in(); }));
  }
}

TEST_CASE("station: no hour is exceeded by the channel's count, with a hundred starts of the machine",
          "[radio][station]") {
  const radio::DutyLedger::Limits limits{36s, 7s};
  AirWorld world(1, 15, {}, limits);
  std::vector<std::pair<Instant, Micros>> sent;
  world.on_frame = [&](AirNode& from, Bytes& frame) {
    if (!from.commune) sent.emplace_back(world.now, world.on_air(frame.size()));
  };
  for (int i = 0; i < 600; ++i) world.say(world.hamlet(1), 1, 200);
  for (std::uint8_t start = 1; start <= 100; ++start) {
    AirNode& hamlet = world.hamlet(1);
    const Bytes saved = hamlet.ledger.encode();
    radio::BootId boot{};
    boot[0] = start;
    auto loaded = radio::DutyLedger::load(limits, boot, saved, world.now);
    REQUIRE(loaded);
    hamlet.ledger = std::move(*loaded);
    world.start(hamlet);
    world.run(Micros(2min) + Micros(static_cast<std::int64_t>(world.rng.below(240'000'000))));
  }
  Micros worst{};
  for (const auto& [from, first] : sent) {
    Micros hour{};
    for (const auto& [when, airtime] : sent) hour += when >= from && when < from + 1h ? airtime : Micros(0);
    worst = std::max(worst, hour);
  }
  CAPTURE(worst.count());
  CHECK(worst <= limits.hour);
  CHECK(worst > limits.hour / 2);
}

TEST_CASE("station: something urgent goes when the hour of the others is used up", "[radio][station]") {
  AirWorld world(1, 16, {}, {20s, 5s});
  world.run(2min);
  for (int i = 0; i < 200; ++i) world.say(world.hamlet(1), 1, 240);
  world.run(10min);
  REQUIRE(world.hamlet(1).station->figures().blocked_until);
  world.say(world.hamlet(1), 1, 100, true);
  CHECK(world.run(10min, [&] { return world.hamlet(1).to_say[1].back().confirmed; }));
}

TEST_CASE("station: made-up grants keep a hamlet still for half of the time at most", "[radio][station]") {
  AirWorld world(2, 17);
  world.run(3min);
  const radio::EncodedAck grant = radio::encode_ack({0xff, {31, 0}, 0, {}});
  Bytes forged = radio::begin_frame(radio::FrameType::ack, grant.flags, 77, 0, grant.body);
  append(forged, Bytes(4));
  for (int i = 0; i < 20; ++i) world.say(world.hamlet(1), 1, 240);
  for (int second = 0; second < 240 && !world.all_in(); ++second) {
    world.hamlet(1).station->on_frame(world.now, forged, {});
    world.run(1s);
  }
  CHECK(world.all_in());
}

TEST_CASE("station: hamlets hidden from each other all get in after a power cut", "[radio][station]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    AirWorld world(10, seed, {125'000, 9, 5, radio::Chip::sx126x}, {360s, 72s});
    world.loss_percent = 20;
    for (std::size_t i = 1; i <= 10; ++i) {
      for (std::size_t j = 1; j <= 10; ++j) {
        if ((i <= 5) != (j <= 5)) world.hamlet(i).deaf_to.insert(&world.hamlet(j));
      }
      for (int k = 0; k < 17; ++k) world.say(world.hamlet(i), static_cast<RadioAlias>(i), 86);
    }
    REQUIRE(world.run(10min, [&] { return world.all_in(); }));
    for (std::size_t i = 1; i <= 10; ++i) CHECK(world.hamlet(i).airtime < 36s);
  }
}

}  // namespace khuoi::tests
