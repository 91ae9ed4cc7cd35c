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

namespace {

/// How much was on the air with each spreading factor until everything is confirmed.
std::map<unsigned, Micros> spent_by_factor(TwoStations& it, int things) {
  std::map<unsigned, Micros> out;
  it.loop.run_for(minutes(3));
  it.air.set_hook([&](const AirFrame& frame, const std::vector<Fate>&) {
    out[frame.tuning.modulation.spreading_factor] += frame.end - frame.start;
  });
  for (int i = 0; i < things; ++i) it.say();
  REQUIRE(it.loop.run_until(it.loop.now() + hours(2), [&] { return it.confirmed == it.to_say; }));
  it.loop.run_for(minutes(2));
  it.air.set_hook({});
  return out;
}

}  // namespace

TEST_CASE("air station: a burst to whom it hears well goes with a quicker spreading factor", "[sim][air]") {
  const auto spent = [](int snr_db) {
    TwoStations it;
    it.modem.modulation.spreading_factor = 9;
    it.make();
    it.air.set_snr(it.commune->number(), it.hamlet->number(), snr_db);
    auto out = spent_by_factor(it, 60);
    const auto again = spent_by_factor(it, 1);
    CHECK(again.size() == 1);  // one word is said as ever
    return out;
  };
  auto well = spent(8);
  auto ill = spent(-9);
  CHECK(well.contains(7));
  CHECK(ill.size() == 1);
  CHECK(well[7] + well[9] < ill[9] * 6 / 10);
}

TEST_CASE("air station: quicker bursts bring everything through loss", "[sim][air]") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    TwoStations it;
    it.modem.modulation.spreading_factor = 10;
    it.starts = 100 * seed;
    it.make();
    it.air.set_losses({200, 3});
    CHECK(spent_by_factor(it, 60).contains(7));
  }
}

TEST_CASE("air station: where a quicker burst is not heard, none is tried for an hour", "[sim][air]") {
  TwoStations it;
  it.modem.modulation.spreading_factor = 9;
  it.make();
  it.loop.run_for(minutes(3));
  unsigned quick = 0;
  it.air.set_hook([&](const AirFrame& frame, const std::vector<Fate>&) {
    const bool grants = frame.sender == it.commune->number() && it.confirmed == 0;
    if (grants) it.air.set_snr(it.commune->number(), it.hamlet->number(), -11);  // from now on
    quick += frame.tuning.modulation.spreading_factor == 7 ? 1 : 0;
  });
  for (int i = 0; i < 40; ++i) it.say();
  REQUIRE(it.loop.run_until(it.loop.now() + hours(2), [&] { return it.confirmed == it.to_say; }));
  CHECK(quick > 0);
  it.air.set_snr(it.commune->number(), it.hamlet->number(), 8);
  for (int i = 0; i < 8; ++i) {
    it.say();
    it.loop.run_for(minutes(2));
  }
  CHECK_FALSE(spent_by_factor(it, 40).contains(7));
  it.loop.run_for(hours(1));
  CHECK(spent_by_factor(it, 40).contains(7));
}
