#include "tests/radio/station_world.h"

namespace khuoi::tests {

using namespace std::chrono_literals;

namespace {

using radio::FrameType;

/// Hamlet 2 and the commune never hear each other; hamlet 1 hears both.
struct Chain {
  AirWorld air;
  explicit Chain(std::size_t hamlets, std::uint64_t seed, radio::Modulation modulation = {},
                 radio::DutyLedger::Limits limits = {std::chrono::hours(1), Micros(0)})
      : air(hamlets, seed, modulation, limits) {
    air.commune().deaf_to = {&air.hamlet(2)};
    air.hamlet(2).deaf_to = {&air.commune()};
  }
  /// From now on they do.
  void mend() {
    air.commune().deaf_to.clear();
    air.hamlet(2).deaf_to.clear();
  }
};

std::uint8_t type_of(const Bytes& frame) { return frame.front() >> 4U; }

/// As the commune knows it.
bool is_relayed(AirWorld& air, RadioAlias alias) {
  for (const auto& one : air.commune().station->figures().peers) {
    if (one.alias == alias) return one.relayed;
  }
  return false;
}

}  // namespace

TEST_CASE("station: a hamlet that the commune does not hear is served by a neighbour", "[radio][station]") {
  Chain chain(2, 1);
  AirWorld& air = chain.air;
  air.run(10min);
  for (int i = 0; i < 3; ++i) air.say(air.hamlet(2), 2, 90);
  for (int i = 0; i < 2; ++i) air.say(air.commune(), 2, 120);
  CHECK(air.run(3h, [&] { return air.all_in(); }));
  std::size_t twice = 0;
  CHECK(air.all_in(&twice));
  CHECK(twice == 0);
  CHECK(air.nothing_made_up());
}

TEST_CASE("station: what is served goes on through loss", "[radio][station]") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    Chain chain(4, seed);
    AirWorld& air = chain.air;
    air.loss_percent = 10;
    air.run(10min);
    for (int i = 0; i < 8; ++i) air.say(air.hamlet(2), 2, 200);
    for (int i = 0; i < 4; ++i) air.say(air.commune(), 2, 120);
    INFO("seed " << seed);
    CHECK(air.run(6h, [&] { return air.all_in(); }));
    CHECK(air.nothing_made_up());
  }
}

TEST_CASE("station: one neighbour is appointed of several, and frames are passed on once", "[radio][station]") {
  Chain chain(5, 3);
  AirWorld& air = chain.air;
  air.run(10min);
  std::map<Bytes, std::set<RadioAlias>> said_by;
  unsigned served = 0;
  air.on_frame = [&](AirNode& from, Bytes& frame) {
    said_by[frame].insert(from.alias);
    served += type_of(frame) == static_cast<std::uint8_t>(FrameType::serve) ? 1 : 0;
  };
  for (int i = 0; i < 5; ++i) air.say(air.hamlet(2), 2, 90);
  REQUIRE(air.run(3h, [&] { return air.all_in(); }));
  CHECK(served == 1);
  std::set<RadioAlias> relays;
  for (const auto& [frame, by] : said_by) {
    CHECK(by.size() <= 2);
    if (by.size() == 2) {
      for (const RadioAlias alias : by) {
        if (alias != 2 && alias != 0) relays.insert(alias);
      }
    }
  }
  CHECK(relays.size() == 1);
}

TEST_CASE("station: an appointment waits for the commune's hour, and is not lost with it", "[radio][station][regress]") {
  const radio::DutyLedger::Limits limits = {36s, 7s};
  Chain chain(2, 7, {}, limits);
  AirWorld& air = chain.air;
  air.run(10min);
  unsigned told = 0, served = 0;
  air.on_frame = [&](AirNode& from, Bytes& frame) {
    served += type_of(frame) == static_cast<std::uint8_t>(FrameType::serve) ? 1 : 0;
    if (type_of(frame) != static_cast<std::uint8_t>(FrameType::hears)) return;
    // The neighbour is heard once, and by then others have used the commune's hour up.
    if (++told > 1) frame.back() ^= 1U;
    else air.commune().ledger.take(air.now, air.commune().ledger.left(air.now, radio::DutyLedger::Priority::urgent),
                                   radio::DutyLedger::Priority::urgent);
    CHECK(from.alias == 1);
  };
  air.say(air.hamlet(2), 2, 90);
  air.run(1h, [&] { return told != 0; });
  REQUIRE(told == 1);
  air.run(55min);
  CHECK(served == 0);
  CHECK(air.run(2h, [&] { return air.all_in(); }));
  CHECK(served == 1);
}

TEST_CASE("station: after a restart of the commune the chain comes back", "[radio][station]") {
  Chain chain(2, 4);
  AirWorld& air = chain.air;
  air.say(air.hamlet(2), 2, 90);
  REQUIRE(air.run(3h, [&] { return air.all_in(); }));
  air.start(air.commune());
  air.run(5min);
  air.say(air.hamlet(2), 2, 90);
  CHECK(air.run(3h, [&] { return air.all_in(); }));
}

TEST_CASE("station: a hamlet that is heard again after hours needs its neighbour no more", "[radio][station]") {
  for (std::uint64_t seed = 11; seed <= 14; ++seed) {
    Chain chain(3, seed);
    AirWorld& air = chain.air;
    air.say(air.hamlet(2), 2, 90);
    REQUIRE(air.run(3h, [&] { return air.all_in(); }));
    CHECK(is_relayed(air, 2));
    chain.mend();
    air.run(30min);
    const unsigned before = air.frames();
    air.run(7h);
    INFO("seed " << seed);
    CHECK(air.frames() == before);  // it tries no sooner than it has something to say
    air.say(air.hamlet(2), 2, 90);
    REQUIRE(air.run(10min, [&] { return air.all_in(); }));
    CHECK(!is_relayed(air, 2));
    // With the first frame under that association the commune knows that it was told so by nobody else.
    air.say(air.hamlet(2), 2, 90);
    air.run(15min);
    const unsigned by_neighbours = air.hamlet(1).frames + air.hamlet(3).frames;
    for (int i = 0; i < 10; ++i) air.say(air.hamlet(2), 2, 200);
    for (int i = 0; i < 3; ++i) air.say(air.commune(), 2, 120);
    CHECK(air.run(10min, [&] { return air.all_in(); }));
    CHECK(air.hamlet(1).frames + air.hamlet(3).frames == by_neighbours);
  }
}

TEST_CASE("station: a hamlet that is still not heard tries with one frame in six hours", "[radio][station]") {
  Chain chain(2, 15);
  AirWorld& air = chain.air;
  air.say(air.hamlet(2), 2, 90);
  REQUIRE(air.run(3h, [&] { return air.all_in(); }));
  unsigned without_help = 0, passed_on = 0;
  air.on_frame = [&](AirNode& from, Bytes& frame) {
    const bool join = type_of(frame) == static_cast<std::uint8_t>(FrameType::join) && frame[2] == 2;
    if (!join || (frame.front() & radio::join_flag::relayed) != 0) return;
    ++(from.alias == 2 ? without_help : passed_on);
  };
  for (int hour = 1; hour <= 13; ++hour) {
    air.run(1h);
    air.say(air.hamlet(2), 2, 90);
    CHECK(air.run(20min, [&] { return air.all_in(); }));
    CHECK(is_relayed(air, 2));
  }
  CHECK(without_help == 2);
  CHECK(passed_on == 0);
}

TEST_CASE("station: a hamlet that hears what goes to all tries the commune itself sooner", "[radio][station]") {
  Chain chain(3, 16);
  AirWorld& air = chain.air;
  air.say(air.hamlet(2), 2, 90);
  REQUIRE(air.run(3h, [&] { return air.all_in(); }));
  chain.mend();
  air.run(61min);
  air.say_to_all(500);
  air.run(2min);
  air.say(air.hamlet(2), 2, 90);
  REQUIRE(air.run(10min, [&] { return air.all_in(); }));
  CHECK(!is_relayed(air, 2));
}

TEST_CASE("station: a hamlet that is served and starts anew learns within minutes that it is", "[radio][station]") {
  for (std::uint64_t seed = 17; seed <= 20; ++seed) {
    Chain chain(3, seed);
    AirWorld& air = chain.air;
    air.say(air.hamlet(2), 2, 90);
    REQUIRE(air.run(3h, [&] { return air.all_in(); }));
    air.start(air.hamlet(2));
    air.say(air.hamlet(2), 2, 90);
    INFO("seed " << seed);
    CHECK(air.run(5min, [&] { return air.all_in(); }));
    CHECK(is_relayed(air, 2));
  }
}

TEST_CASE("station: frames that somebody makes up do not end a neighbour's service", "[radio][station]") {
  Chain chain(2, 21);
  AirWorld& air = chain.air;
  air.say(air.hamlet(2), 2, 90);
  REQUIRE(air.run(3h, [&] { return air.all_in(); }));
  for (const FrameType type : {FrameType::join, FrameType::welcome}) {
    Bytes frame = radio::begin_frame(type, 0, 2, 0, Bytes(20, 3));
    append(frame, FrameMac{1, 2, 3, 4});
    air.hamlet(1).station->on_frame(air.now, frame, {});
  }
  air.say(air.hamlet(2), 2, 90);
  CHECK(air.run(2min, [&] { return air.all_in(); }));
}

TEST_CASE("station: a hamlet that is said to be hidden asks its neighbours at once", "[radio][station]") {
  Chain chain(3, 22);
  AirWorld& air = chain.air;
  air.run(10min);
  air.hamlet(2).hidden = true;
  air.start(air.hamlet(2));
  air.say(air.hamlet(2), 2, 90);
  CHECK(air.run(3min, [&] { return air.all_in(); }));
  CHECK(is_relayed(air, 2));
}

TEST_CASE("station: frames that somebody makes up in a neighbour's name cost the relay a quarter of its hour at most",
          "[radio][station]") {
  const radio::DutyLedger::Limits limits = {36s, 7s};
  Chain chain(2, 5, {}, limits);
  AirWorld& air = chain.air;
  air.say(air.hamlet(2), 2, 90);
  REQUIRE(air.run(3h, [&] { return air.all_in(); }));
  air.run(61min);
  const Micros before = air.hamlet(1).airtime;
  SeededRng rng(9);
  for (int i = 0; i < 3000; ++i) {
    Bytes frame = radio::begin_frame(FrameType::data, 0, 2, static_cast<std::uint8_t>(i), Bytes(200, 3));
    FrameMac mac{};
    rng.fill(mac);
    append(frame, mac);
    air.hamlet(1).station->on_frame(air.now, frame, {});
    air.run(1s);
  }
  CHECK(air.hamlet(1).airtime - before <= 9s + 500ms);
}

TEST_CASE("station: nobody is appointed by a frame without the commune's key", "[radio][station]") {
  Chain chain(2, 6);
  AirWorld& air = chain.air;
  air.run(10min);
  Bytes frame = radio::begin_frame(FrameType::serve, 0, 1, 1, Bytes{0, 2});
  append(frame, FrameMac{1, 2, 3, 4});
  air.hamlet(1).station->on_frame(air.now, frame, {});
  const unsigned before = air.hamlet(1).frames;
  Bytes data = radio::begin_frame(FrameType::data, 0, 2, 1, Bytes(50, 3));
  append(data, FrameMac{1, 2, 3, 5});
  air.hamlet(1).station->on_frame(air.now, data, {});
  air.run(1min);
  CHECK(air.hamlet(1).frames == before);
}

TEST_CASE("station: who had nothing to say for hours and joins anew is not taken for one that is not heard",
          "[radio][station]") {
  AirWorld air(2, 8);
  air.run(5h);
  unsigned joins = 0, relayed = 0;
  air.on_frame = [&](AirNode&, Bytes& frame) {
    if (type_of(frame) != static_cast<std::uint8_t>(FrameType::join)) return;
    ++joins;
    relayed += (frame.front() & radio::join_flag::relayed) != 0 ? 1 : 0;
  };
  air.start(air.commune());
  air.run(2h);
  CHECK(joins >= 2);
  CHECK(relayed == 0);
}

TEST_CASE("station: hamlets that are heard need nobody", "[radio][station]") {
  AirWorld air(3, 7);
  unsigned relaying = 0;
  air.on_frame = [&](AirNode&, Bytes& frame) {
    relaying += type_of(frame) >= static_cast<std::uint8_t>(FrameType::hears) ? 1 : 0;
  };
  for (std::size_t i = 1; i <= 3; ++i) air.say(air.hamlet(i), static_cast<RadioAlias>(i), 90);
  air.run(48h);
  CHECK(air.all_in());
  CHECK(relaying == 0);
}

}  // namespace khuoi::tests
