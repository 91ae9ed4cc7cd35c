#include "sim/air/air_station.h"

#include <catch2/catch.hpp>

#include "tests/radio/station_world.h"

using namespace khuoi;
using namespace khuoi::sim;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// A hamlet that has things to say, each a piece of its own, and a commune that keeps octets.
struct TwoStations {
  static constexpr RadioAlias alias = 1;
  EventLoop loop;
  Air air{loop, 3};
  tests::PlainKeys keys;
  radio::ModemSettings modem{921'400'000, {125'000, 7, 5}, 14};
  radio::DutyLedger::Limits limits{hours(1), Micros(0)};
  Micros commit_takes = milliseconds(20);
  std::unique_ptr<AirStation> commune, hamlet;
  std::uint64_t starts = 0;

  std::size_t to_say = 0, confirmed = 0;
  std::map<AssociationId, std::size_t> given;
  std::map<AssociationId, std::size_t> heard;  ///< octets that the commune committed

  void make() {
    commune = std::make_unique<AirStation>(loop, air, AirStation::Config{true, modem, limits, commit_takes}, 11);
    hamlet = std::make_unique<AirStation>(loop, air, AirStation::Config{false, modem, limits, commit_takes}, 12);
    start_commune();
    start_hamlet();
  }
  void start_commune() {
    const auto work = [this](const RadioWork& asked) -> Result<RadioWorkDone> {
      RadioWorkDone done;
      for (const auto& one : asked.arrived) {
        heard[one.association + 1000 * starts] += one.octets.size();
        done.committed.push_back({one.alias, one.association, one.frames, {}});
      }
      for (const auto& one : asked.wanted) done.loaded.push_back({one.alias, one.association, {}});
      return done;
    };
    commune->start({keys, work, {alias}, ++starts, {}});
  }
  void start_hamlet() {
    given.clear();
    const auto work = [this](const RadioWork& asked) -> Result<RadioWorkDone> {
      RadioWorkDone done;
      for (const auto& one : asked.confirmed) {
        for (const std::uint64_t name : one.names) confirmed = std::max<std::size_t>(confirmed, name);
      }
      for (const auto& one : asked.wanted) {
        RadioWorkDone::Loaded loaded{one.alias, one.association, {}};
        std::size_t& last = given.try_emplace(one.association, confirmed).first->second;
        while (last < to_say) {
          ++last;
          loaded.pieces.push_back({Bytes(100, std::uint8_t(last)), last, false});
        }
        done.loaded.push_back(std::move(loaded));
      }
      return done;
    };
    hamlet->start({keys, work, {alias}, ++starts, {}});
  }
  void say() {
    ++to_say;
    hamlet->on_local_change();
  }
};

}  // namespace

TEST_CASE("air station: what is said is committed over there, acknowledged, and then the air is still", "[sim][air]") {
  TwoStations it;
  it.make();
  it.say();
  REQUIRE(it.loop.run_until(Instant(minutes(2)), [&] { return it.confirmed == 1; }));
  REQUIRE(it.heard.size() == 1);
  CHECK(it.heard.begin()->second == 100);
  const std::uint64_t frames = it.air.total().frames;
  it.loop.run_for(minutes(10));
  CHECK(it.air.total().frames == frames);
}

TEST_CASE("air station: a commit that the power ends is not acknowledged", "[sim][air]") {
  TwoStations it;
  it.commit_takes = seconds(2);
  it.make();
  it.say();
  bool sent = false;
  it.air.set_hook([&](const AirFrame& frame, const std::vector<Fate>&) { sent = frame.sender == it.hamlet->number(); });
  REQUIRE(it.loop.run_until(Instant(minutes(2)), [&] { return sent; }));
  it.loop.run_for(seconds(1));
  it.commune->power_off();
  it.loop.run_for(minutes(1));
  CHECK(it.heard.empty());
  CHECK(it.confirmed == 0);
  it.start_commune();
  REQUIRE(it.loop.run_until(it.loop.now() + hours(1), [&] { return it.confirmed == 1; }));
  CHECK(it.heard.size() == 1);
}

TEST_CASE("air station: no start gives a node more of the hour", "[sim][air]") {
  TwoStations it;
  it.limits = {seconds(3), Micros(0)};
  it.make();
  for (int i = 0; i < 180; ++i) {
    it.say();
    it.loop.run_for(seconds(40));
    if (i % 3 != 0) continue;
    it.hamlet->power_off();
    it.loop.run_for(seconds(1));
    it.start_hamlet();
  }
  CHECK(it.confirmed > 5);
  CHECK(it.air.figures(it.hamlet->number()).worst_hour <= seconds(3));
  CHECK(it.air.figures(it.hamlet->number()).worst_hour > seconds(1));
}
