// Worlds with radios, and faults of ours that the swarm has to find.
#include <algorithm>
#include <catch2/catch.hpp>

#include "sim/radio_acceptance.h"
#include "sim/swarm.h"

using namespace khuoi;
using namespace khuoi::sim;

namespace {

/// What was seen broken in these seeds; nothing.
std::optional<std::string> first_violation(Planted planted, std::uint64_t first, std::uint64_t seeds) {
  const Worlds worlds{30, true, planted};
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const Verdict verdict = run(worlds.of(seed), false);
    if (verdict.violation) return "seed " + std::to_string(seed) + ": " + *verdict.violation;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("sim: radios are drawn from a stream of their own", "[sim][radio]") {
  std::size_t alone = 0;
  std::size_t with_junk = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Scenario without = draw_scenario(seed, 0);
    Scenario with = draw_scenario_with_radio(seed, 0);
    REQUIRE_FALSE(without.radio);
    REQUIRE(with.radio);
    const RadioScenario radio = *with.radio;
    CHECK(radio.spreading_factor >= 7);
    CHECK(radio.spreading_factor <= 10);
    CHECK(radio.losses.per_mille <= 400);
    CHECK(std::count(radio.hamlets.begin(), radio.hamlets.end(), true) > 0);
    alone += radio.alone ? 1 : 0;
    with_junk += radio.junk_every ? 1 : 0;
    with.radio.reset();
    if (!radio.alone && radio.restore_commune.of == 0) CHECK(describe(with) == describe(without));
  }
  CHECK(alone > 40);
  CHECK(with_junk > 30);
}

TEST_CASE("sim: a world with radios lives one life, and its trace tells of them", "[sim][radio]") {
  const Worlds worlds{20, true, Planted::none};
  const Verdict first = run(worlds.of(3), false);
  CHECK_FALSE(first.violation);
  CHECK(run(worlds.of(3), false).digest == first.digest);
  CHECK(describe(worlds.of(3)).find("; radio: SF") != std::string::npos);
  CHECK(replay_command(3, worlds) == "khuoi-sim --seed 3 --steps 20 --radio --trace");
}

// Each of these once ended in a violation, and led to a change in radio/ or sync/. What a seed does shifts whenever the
// simulator changes; they stay as worlds that were hard.
TEST_CASE("sim: seeds with radio that found something live on", "[sim][radio][regress]") {
  for (const std::uint64_t seed : {7U, 15U, 38U, 57U, 135U, 265U}) {
    const Verdict verdict = run(draw_scenario_with_radio(seed, 0), false);
    INFO("khuoi-sim --seed " << seed << " --radio --trace");
    INFO((verdict.violation ? *verdict.violation : std::string()));
    CHECK_FALSE(verdict.violation);
  }
}

TEST_CASE("sim: a ledger that forgets at a restart is found, and only that", "[sim][radio]") {
  const auto found = first_violation(Planted::forgetful_ledger, 1, 5);
  REQUIRE(found);
  CHECK(found->find("ledger knows of") != std::string::npos);
  CHECK_FALSE(first_violation(Planted::none, 1, 3));
  CHECK(planted_named("lasting_mark") == Planted::lasting_mark);
  CHECK_FALSE(planted_named("none of ours"));
}

// The bounds of docs/campaigns.md.
TEST_CASE("sim: a disk that forgets what was acknowledged by radio is found within 10 seeds", "[sim][radio]") {
  const auto found = first_violation(Planted::ack_before_commit, 1, 10);
  REQUIRE(found);
  INFO(*found);
  CHECK(found->find("an acknowledgement by radio lies") != std::string::npos);
}

TEST_CASE("sim: a hamlet that keeps what a commune set back forgot is found within 40 seeds", "[sim][radio]") {
  const auto found = first_violation(Planted::lasting_mark, 1, 40);
  REQUIRE(found);
  INFO(*found);
  CHECK(found->find("it has not brought") != std::string::npos);
}

TEST_CASE("sim: six hamlets' morning comes over by radio alone, to the last record and inside the duty limits",
          "[sim][radio]") {
  const bool concentrator = GENERATE(false, true);
  const RadioAcceptance done = live_radio_acceptance(1, concentrator, false);
  CAPTURE(concentrator, done.violation, done.waits, done.on_the_air);
  CHECK(done.submissions == 100);
  CHECK(done.announcements == 18);
  CHECK(done.forms == 6);
  CHECK(done.complete());
}
