#include <algorithm>

#include "tests/bench/radio/rows.h"

namespace khuoi::bench {

namespace {

constexpr std::size_t near = 1, far = 2;
/// A record that is sent twice, answered twice, costs at most twice what it costs directly ("200_octets").
constexpr double goal_submission = 2 * .440;
/// Twice alone, and once more in an object, for the hamlet between, and its report.
constexpr double goal_announcement = 1.2;

constexpr const char* short_text = "Mời bà con họp xóm lúc 19 giờ tối nay tại nhà văn hoá, bàn việc sửa đường vào bản.";

/// Commune, near and far hamlet in a row: the far one and the commune do not hear each other. Both hamlets have joined,
/// and the runs that the next records go into are open.
std::unique_ptr<World> chain(const Homes& homes, std::uint64_t seed) {
  auto world = std::make_unique<World>(homes, World::Setup{.hamlets = 2, .seed = seed, .modulation = sf7});
  world->air.hide(world->modem(0), world->modem(far));
  world->submit(far, tests::test_submission("ffffffff-0000-4000-8000-000000000000", "a"));
  world->announce("Họp xóm.");
  world->start_all();
  world->quiet_down();
  world->begin_count();
  return world;
}

void chain_row(Sheet& sheet, const std::string& name, const Sheet::Runs& runs, double goal) {
  std::vector<double> samples;
  double sum = 0, bound = 0;
  for (const auto& run : runs) {
    samples.push_back(seconds_of(run.tally.all.airtime));
    sum += samples.back();
    bound += 2 * bound_seconds(sf7, run.given.octets, 0);
  }
  const auto n = static_cast<double>(runs.size());
  sheet.row(name, "s", sum / n, {goal, true, bound / n}, samples);
  sheet.counted(name, runs);
  sheet.senders(name, runs);
}

}  // namespace

void relay_rows(Sheet& sheet, const Homes& homes) {
  Incompressible incompressible(homes);
  Sheet::Runs submission, announcement;
  for (std::uint64_t seed = 0; seed < std::min<std::size_t>(seeds(), 10); ++seed) {
    auto world = chain(homes, 11'000 + seed);
    world->submit(far, incompressible.of(200, 11'000 + seed));
    world->finish();
    sheet.check("chain_200_octets_of_the_far_one", seed, *world);
    submission.push_back(world->figures());

    world = chain(homes, 11'100 + seed);
    const std::size_t octets = world->announce(short_text);
    world->finish();
    sheet.check("chain_announcement", seed, *world);
    announcement.push_back(world->figures());
    announcement.back().given = {1, 0, octets, 0};
    // Both hamlets have it, so the one between was on the air for the other.
    CHECK(announcement.back().tally.senders.contains(world->modem(near)));
  }
  chain_row(sheet, "chain_200_octets_of_the_far_one", submission, goal_submission);
  chain_row(sheet, "chain_announcement", announcement, goal_announcement);
}

}  // namespace khuoi::bench
