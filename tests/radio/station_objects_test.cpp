#include "radio/object_frames.h"
#include "tests/radio/station_world.h"

namespace khuoi::tests {

using namespace std::chrono_literals;

namespace {

using radio::FrameType;

/// Everybody is associated, and the commune has told each something that it knows its loss by.
void warm_up(AirWorld& air) { air.run(std::chrono::minutes(10)); }

Micros tell(AirWorld& air, std::size_t octets) {
  const Micros before = air.airtime();
  air.say_to_all(octets);
  REQUIRE(air.run(std::chrono::hours(4), [&] { return air.all_told(); }));
  air.run(std::chrono::minutes(1));
  return air.airtime() - before;
}

std::uint8_t type_of(const Bytes& frame) { return frame.front() >> 4U; }

}  // namespace

TEST_CASE("station: where nothing is known to be lost, what is said to all takes no symbol too many",
          "[radio][station]") {
  AirWorld air(10, 3);
  warm_up(air);
  for (int i = 0; i < 15; ++i) tell(air, 2000);
  const unsigned before = air.frames();
  tell(air, 2000);
  CHECK(air.frames() - before == 9 + 10);  // symbols and reports
}

TEST_CASE("station: what is said to all reaches everybody through loss, and says little twice", "[radio][station]") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    AirWorld air(10, seed);
    warm_up(air);
    air.loss_percent = 20;
    tell(air, 600);
    const Micros spent = tell(air, 2000);
    INFO("seed " << seed << " " << spent.count());
    CHECK(spent < std::chrono::milliseconds(9500));
  }
}

TEST_CASE("station: a hamlet that comes later is told what the others have", "[radio][station]") {
  AirWorld air(3, 4);
  air.hamlet(2).deaf_to = {&air.commune()};
  air.run(std::chrono::minutes(10));
  air.say_to_all(500);
  air.run(std::chrono::minutes(10));
  CHECK(air.commune().for_all[0].has == std::set<RadioAlias>{1, 3});
  air.hamlet(2).deaf_to.clear();
  CHECK(air.run(std::chrono::hours(2), [&] { return air.all_told(); }));
}

TEST_CASE("station: a hamlet that falls silent does not hold up the others, and is asked again later",
          "[radio][station]") {
  AirWorld air(3, 5);
  warm_up(air);
  air.hamlet(2).deaf_to = {&air.commune()};
  air.say_to_all(500);
  CHECK(air.run(std::chrono::minutes(5), [&] { return air.commune().for_all[0].has.size() == 2; }));
  const unsigned before = air.commune().frames;
  air.run(std::chrono::hours(1));
  CHECK(air.commune().frames - before < 40);
  air.hamlet(2).deaf_to.clear();
  CHECK(air.run(std::chrono::hours(8), [&] { return air.all_told(); }));
}

TEST_CASE("station: a hamlet that something faster serves costs no polls, and hears what goes to all with the others",
          "[radio][station]") {
  AirWorld air(3, 21);
  warm_up(air);
  const std::set<RadioAlias> by_fiber = {2, 3};
  air.commune().station->set_served(air.now, by_fiber);
  for (const RadioAlias one : by_fiber) air.hamlet(one).station->set_served(air.now, {one});
  air.hamlet(3).deaf_to = {&air.commune()};
  unsigned polls = 0, reports = 0;
  air.on_frame = [&](AirNode& from, Bytes& frame) {
    polls += type_of(frame) == static_cast<std::uint8_t>(FrameType::poll) ? 1 : 0;
    reports += type_of(frame) == static_cast<std::uint8_t>(FrameType::report) && from.alias != 1 ? 1 : 0;
  };
  air.say_to_all(500);
  air.say(air.commune(), 2, 100);
  CHECK(air.run(5min, [&] { return air.commune().for_all[0].has.contains(1); }));
  air.run(1h);
  CHECK(polls == 0);
  CHECK(reports == 0);
  CHECK(air.hamlet(2).heard_by_all.size() == 1);
  CHECK(air.hamlet(2).told.empty());
  // The fiber is gone: both are looked for, and told what is theirs alone.
  air.hamlet(3).deaf_to.clear();
  air.commune().station->set_served(air.now, {});
  for (const RadioAlias one : by_fiber) air.hamlet(one).station->set_served(air.now, {});
  CHECK(air.run(5min, [&] { return air.all_told() && air.all_in(); }));
}

TEST_CASE("station: a commune that starts calls no hamlet that something faster serves", "[radio][station]") {
  AirWorld air(2, 22);
  warm_up(air);
  air.start(air.commune());
  air.commune().station->set_served(air.now, {2});
  std::set<RadioAlias> called;
  air.on_frame = [&](AirNode&, Bytes& frame) {
    if (type_of(frame) == static_cast<std::uint8_t>(FrameType::call)) called.insert(frame[2]);
  };
  air.run(30min);
  CHECK(called == std::set<RadioAlias>{1});
  air.commune().station->set_served(air.now, {});
  air.run(5min);
  CHECK(called == std::set<RadioAlias>{1, 2});
}

TEST_CASE("station: something faster that comes while what goes to all is under way ends its turn in it",
          "[radio][station]") {
  AirWorld air(2, 23);
  warm_up(air);
  air.hamlet(2).deaf_to = {&air.commune()};
  air.say_to_all(500);
  air.run(1s);
  air.commune().station->set_served(air.now, {2});
  unsigned polls = 0;
  air.on_frame = [&](AirNode&, Bytes& frame) {
    polls += type_of(frame) == static_cast<std::uint8_t>(FrameType::poll) ? 1 : 0;
  };
  CHECK(air.run(1min, [&] { return air.commune().for_all[0].has.contains(1); }));
  air.run(30min);
  CHECK(polls == 0);
}

TEST_CASE("station: what hamlets say and what is said to all pass each other", "[radio][station]") {
  AirWorld air(6, 6);
  warm_up(air);
  air.loss_percent = 10;
  for (std::size_t i = 1; i <= 6; ++i) {
    for (int k = 0; k < 5; ++k) air.say(air.hamlet(i), static_cast<RadioAlias>(i), 90);
  }
  for (int k = 0; k < 3; ++k) air.say_to_all(900);
  std::size_t twice = 0;
  for (std::size_t i = 1; i <= 6; ++i) {
    for (int k = 0; k < 2; ++k) air.say(air.commune(), static_cast<RadioAlias>(i), 120);
  }
  CHECK(air.run(std::chrono::hours(2), [&] { return air.all_in() && air.all_told(); }));
  CHECK(air.all_in(&twice));
  CHECK(air.nothing_made_up());
}

TEST_CASE("station: symbols that somebody of the group made up spoil no announcement", "[radio][station]") {
  AirWorld air(3, 8);
  warm_up(air);
  // Hamlet 3 was stolen: it knows the group's key, and answers for nobody but itself.
  unsigned changed = 0;
  air.on_frame = [&](AirNode& from, Bytes& frame) {
    if (!from.commune || type_of(frame) != static_cast<std::uint8_t>(FrameType::symbol) || changed > 1) return;
    ++changed;
    frame[radio::frame_cost + 4] ^= 1U;
    frame.resize(frame.size() - 4);
    append(frame, *air.commune().keys->group_mac(0, {frame[3], std::nullopt, frame}));
  };
  air.say_to_all(700);
  CHECK(air.run(std::chrono::hours(1), [&] { return air.all_told(); }));
  CHECK(changed == 2);
}

TEST_CASE("station: an object that is spoilt again and again goes to each hamlet alone", "[radio][station]") {
  AirWorld air(2, 9);
  warm_up(air);
  air.on_frame = [&](AirNode& from, Bytes& frame) {
    if (!from.commune || type_of(frame) != static_cast<std::uint8_t>(FrameType::symbol)) return;
    frame[radio::frame_cost + 4] ^= 1U;
    frame.resize(frame.size() - 4);
    append(frame, *air.commune().keys->group_mac(0, {frame[3], std::nullopt, frame}));
  };
  air.say_to_all(700);
  CHECK(air.run(std::chrono::hours(1), [&] { return air.commune().for_all[0].spoilt.size() == 2; }));
  CHECK(air.hamlet(1).heard_by_all.empty());
}

TEST_CASE("station: symbols without the group's key cost one hash a key and nothing else", "[radio][station]") {
  AirWorld air(1, 10);
  warm_up(air);
  const auto name = radio::ObjectName{{1, 2, 3}, 2, 0};
  Bytes frame =
      radio::begin_frame(FrameType::symbol, 0, radio::group_alias, 0, radio::encode_symbol(name, Bytes(100, 7)));
  append(frame, FrameMac{1, 2, 3, 4});
  const unsigned before = air.frames();
  for (int i = 0; i < 100; ++i) air.hamlet(1).station->on_frame(air.now, frame, {});
  air.run(std::chrono::minutes(10));
  CHECK(air.frames() == before);
}

TEST_CASE("station: frames to all that somebody sends again make a hamlet report few times", "[radio][station]") {
  AirWorld air(1, 11);
  warm_up(air);
  std::vector<Bytes> heard;
  air.on_frame = [&](AirNode& from, Bytes& frame) {
    const bool to_all = type_of(frame) == static_cast<std::uint8_t>(FrameType::symbol) ||
                        type_of(frame) == static_cast<std::uint8_t>(FrameType::poll);
    if (from.commune && to_all) heard.push_back(frame);
  };
  air.hamlet(1).deaf_to = {&air.commune()};
  air.say_to_all(700);
  air.run(std::chrono::minutes(30));
  REQUIRE(heard.size() > 4);
  const unsigned before = air.hamlet(1).frames;
  for (int i = 0; i < 200; ++i) {
    for (const Bytes& frame : heard) air.hamlet(1).station->on_frame(air.now, frame, {});
    air.run(std::chrono::seconds(10));
  }
  CHECK(air.hamlet(1).frames - before < 40);
  CHECK(air.hamlet(1).heard_by_all.size() == 1);
}

TEST_CASE("station: a hamlet whose reports were lost again and again is heard once they come through",
          "[radio][station]") {
  AirWorld air(1, 13);
  warm_up(air);
  air.on_frame = [](AirNode& from, Bytes& frame) {
    if (!from.commune && type_of(frame) == static_cast<std::uint8_t>(FrameType::report)) frame.back() ^= 1;
  };
  air.say_to_all(700);
  air.run(std::chrono::hours(12));
  CHECK_FALSE(air.all_told());
  air.on_frame = {};
  CHECK(air.run(std::chrono::hours(13), [&] { return air.all_told(); }));
}

TEST_CASE("station: a report is believed only by the key of its pair", "[radio][station]") {
  AirWorld air(2, 12);
  warm_up(air);
  air.hamlet(2).deaf_to = {&air.commune()};
  std::vector<Bytes> reports;
  air.on_frame = [&](AirNode& from, Bytes& frame) {
    if (!from.commune && type_of(frame) == static_cast<std::uint8_t>(FrameType::report)) reports.push_back(frame);
  };
  air.say_to_all(700);
  air.run(std::chrono::minutes(2));
  REQUIRE(!reports.empty());
  for (Bytes report : reports) {
    report[2] = 2;  // in the name of the other one
    air.commune().station->on_frame(air.now, report, {});
  }
  CHECK(air.commune().for_all[0].has == std::set<RadioAlias>{1});
}

}  // namespace khuoi::tests
