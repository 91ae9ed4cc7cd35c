#include "tests/bench/radio/rows.h"

#include <algorithm>
#include <functional>
#include <set>

namespace khuoi::bench {

namespace {

constexpr double nominal_sf7 = 5469;  ///< bit/s, SF 7 at 125 kHz and 4:5
constexpr int test_seed = 20261121;   ///< of submissions that no dictionary here was trained on

/// Others for each seed.
std::vector<std::string> twenty(std::uint64_t seed) {
  static const auto all = submissions(static_cast<int>(20 * seeds()), test_seed);
  const auto from = all.begin() + static_cast<std::ptrdiff_t>(20 * seed);
  return {from, from + 20};
}

enum class Start : std::uint8_t { warm, cold };

/// The records of one hamlet. Warm: it and the commune have spoken since their start, and each run that the records go
/// into is open there. Cold: the hamlet starts with them, and has spoken with this start of the commune before.
World::Figures one_hamlet(Sheet& sheet, const Homes& homes, const std::string& row, std::uint64_t seed,
                          const std::vector<std::string>& xml, Start start, unsigned lost_per_mille = 0) {
  World world(homes, {.seed = seed});
  static const auto openers = submissions(40, 77);
  std::set<std::string> forms;
  for (const auto& one : xml) forms.insert(form_of(one));
  for (const auto& form : forms) {
    const auto same = std::ranges::find_if(openers, [&](const auto& one) { return form_of(one) == form; });
    world.submit(1,
                 same != openers.end() ? *same : tests::test_submission("ffffffff-0000-4000-8000-000000000000", "a"));
  }
  world.start_all();
  world.quiet_down();
  world.air.set_losses({lost_per_mille});
  if (start == Start::cold) world.begin_anew(1);
  world.begin_count();
  world.submit_all(1, xml);
  if (start == Start::cold) world.start(1);
  world.finish();
  sheet.check(row, seed, world);
  const auto out = world.figures();
  if (start == Start::warm) CHECK(out.given.openers == 0);
  return out;
}

std::vector<double> airtimes(const Sheet::Runs& runs, double unit) {
  std::vector<double> out;
  for (const auto& run : runs) out.push_back(unit * seconds_of(run.tally.all.airtime));
  return out;
}

double mean(const std::vector<double>& samples) {
  double sum = 0;
  for (const double one : samples) sum += one;
  return sum / static_cast<double>(samples.size());
}

double mean_bound(const Sheet::Runs& runs, unsigned lost_per_mille = 0) {
  double sum = 0;
  for (const auto& run : runs) sum += bound_seconds(sf7, run.given.octets, lost_per_mille);
  return sum / static_cast<double>(runs.size());
}

void airtime_row(Sheet& sheet, const std::string& name, const Sheet::Runs& runs, bool in_ms, double goal) {
  const double unit = in_ms ? 1e3 : 1;
  const auto samples = airtimes(runs, unit);
  sheet.row(name, in_ms ? "ms" : "s", mean(samples), {goal, true, unit * mean_bound(runs)}, samples);
  sheet.counted(name, runs);
}

}  // namespace

void record_rows(Sheet& sheet, const Homes& homes) {
  const auto each = submissions(static_cast<int>(seeds()), test_seed);
  Incompressible incompressible(homes);
  Sheet::Runs warm, cold, random, twenty_warm, twenty_cold;
  for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
    warm.push_back(one_hamlet(sheet, homes, "one_warm", 1000 + seed, {each[seed]}, Start::warm));
    cold.push_back(one_hamlet(sheet, homes, "one_cold", 2000 + seed, {each[seed]}, Start::cold));
    random.push_back(
        one_hamlet(sheet, homes, "200_octets", 3000 + seed, {incompressible.of(200, 3000 + seed)}, Start::warm));
    twenty_warm.push_back(one_hamlet(sheet, homes, "20_warm", 4000 + seed, twenty(seed), Start::warm));
    twenty_cold.push_back(one_hamlet(sheet, homes, "20_cold", 5000 + seed, twenty(seed), Start::cold));
  }
  airtime_row(sheet, "one_warm", warm, true, 245);
  for (const auto& frame : warm.front().tally.kept) sheet.frame("one_warm", sf7, frame, frame.sender == 0);
  airtime_row(sheet, "one_cold", cold, true, 460);
  airtime_row(sheet, "200_octets", random, true, 440);
  airtime_row(sheet, "20_warm", twenty_warm, false, 3.1);
  airtime_row(sheet, "20_cold", twenty_cold, false, 3.4);
}

void lossy_rows(Sheet& sheet, const Homes& homes) {
  Sheet::Runs lossy;
  for (std::uint64_t seed = 0; seed < seeds(); ++seed)
    lossy.push_back(one_hamlet(sheet, homes, "20_warm_20%_lost", 6000 + seed, twenty(seed), Start::warm, 200));
  auto samples = airtimes(lossy, 1);
  const double bound = mean_bound(lossy, 200);
  sheet.row("20_warm_20%_lost_mean", "s", mean(samples), {4.1, true, bound}, samples);
  std::ranges::sort(samples);
  sheet.row("20_warm_20%_lost_p95", "s", samples[(samples.size() * 95 + 99) / 100 - 1], {5.3, true, bound}, samples);
  sheet.counted("20_warm_20%_lost", lossy);
  constexpr std::size_t octets = 10'000;
  Incompressible incompressible(homes);
  for (const auto& [per_mille, goal] : {std::pair(0U, .84), std::pair(100U, .75), std::pair(200U, .66)}) {
    const std::string name = "10KB_" + std::to_string(per_mille / 10) + "%_lost";
    Sheet::Runs runs;
    for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
      static std::vector<std::string> texts;
      if (texts.size() <= seed) texts.push_back(incompressible.of(octets, 7000 + seed));
      runs.push_back(
          one_hamlet(sheet, homes, name, 7000 + 100 * per_mille + seed, {texts[seed]}, Start::warm, per_mille));
    }
    const auto share = [](double seconds) { return octets * 8 / nominal_sf7 / seconds; };
    auto shares = airtimes(runs, 1);
    const double all = share(mean(shares));
    std::ranges::transform(shares, shares.begin(), share);
    sheet.row(name, "share", all, {goal, false, share(mean_bound(runs, per_mille))}, shares);
    sheet.counted(name, runs);
  }
}

namespace {

/// As many of those as are in after an hour that begins with the modem.
void full_hour(Sheet& sheet, const Homes& homes, const std::string& name, const radio::DutyLedger::Limits& hour,
               int given_in_all, int snr_db) {
  const auto many = submissions(given_in_all, 78);
  Sheet::Runs runs;
  std::vector<double> in_an_hour;
  for (std::uint64_t seed = 0; seed < std::min<std::size_t>(seeds(), 5); ++seed) {
    World world(homes, {.seed = 8000 + seed, .modulation = sf9, .hour = hour, .snr_db = snr_db});
    world.submit_all(1, many);
    world.start_all();
    world.begin_count();
    const std::size_t before = world.waiting();
    world.loop.run_for(1h);
    in_an_hour.push_back(static_cast<double>(before - world.waiting()));
    world.finish();
    sheet.check(name, 8000 + seed, world);
    runs.push_back(world.figures());
  }
  const auto& given = runs.front().given;
  const double each = static_cast<double>(given.octets) / static_cast<double>(given.records);
  const double full_frames =
      seconds_of(hour.hour - hour.urgent_only) / seconds_of(airtime_of(sf9, radio::frame_octets_max));
  sheet.row(name, "records", mean(in_an_hour), {76, false, full_frames * radio::frame_octets_max / each}, in_an_hour);
  sheet.counted(name, runs);
}

}  // namespace

void hour_rows(Sheet& sheet, const Homes& homes) {
  full_hour(sheet, homes, "submissions_an_hour_SF9", {hamlet_hour.hour, Micros(0)}, 140, -9);
  full_hour(sheet, homes, "submissions_an_hour_SF9_a_fifth_kept_for_urgent", hamlet_hour, 140, -9);
  full_hour(sheet, homes, "submissions_an_hour_SF9_heard_well_a_fifth_kept", hamlet_hour, 400, 8);
  Sheet::Runs runs;
  std::vector<double> frames, commune;
  for (std::uint64_t seed = 0; seed < std::min<std::size_t>(seeds(), 5); ++seed) {
    World world(homes, {.hamlets = 10, .seed = 8100 + seed, .modulation = sf9});
    world.start_all();
    world.quiet_down();
    world.begin_count();
    world.loop.run_for(1h);
    runs.push_back(world.figures());
    frames.push_back(static_cast<double>(runs.back().tally.hamlets.frames));
    commune.push_back(seconds_of(runs.back().tally.commune.airtime));
    sheet.check("silent_hour", 8100 + seed, world);
  }
  sheet.row("silent_hour_ten_hamlets", "frames", mean(frames), {0, true, 0}, frames);
  sheet.row("silent_hour_commune", "s", mean(commune), {1, true, 0}, commune);
  sheet.counted("silent_hour", runs);
}

void power_rows(Sheet& sheet, const Homes& homes) {
  constexpr std::size_t hamlets = 10, records = 170;
  const auto xml = submissions(records, 79);
  Sheet::Runs runs;
  std::vector<double> took;
  for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
    World world(homes, {.hamlets = hamlets, .seed = 9000 + seed, .modulation = sf9});
    world.air.set_losses({200});
    for (std::size_t a = 1; a <= hamlets; ++a) {
      for (std::size_t b = a + 1; b <= hamlets; ++b) {
        if ((a + b) % 2 == 1) world.air.hide(world.modem(a), world.modem(b));
      }
    }
    for (std::size_t n = 0; n < records; ++n) world.submit(1 + n % hamlets, xml[n]);
    world.start_all();
    world.begin_count();
    world.finish();
    sheet.check("power_returns_at_ten", 9000 + seed, world);
    runs.push_back(world.figures());
    took.push_back(runs.back().seconds);
  }
  sheet.row("power_returns_at_ten", "s", mean(took), {600, true, 0}, took);
  sheet.counted("power_returns_at_ten", runs);
}

namespace {

/// The frames that are needed until all of so many have heard `needed` of them, each with one in five lost, if the
/// sender knows at any time who heard what.
double frames_to_all(std::size_t needed, std::size_t hamlets) {
  constexpr double heard = 0.8;
  double out = 0;
  // by_one[k]: the chance that one hamlet has heard k frames; the last stands for all it needs.
  std::vector<double> by_one(needed + 1, 0);
  by_one[0] = 1;
  for (int sent = 0; sent < 10'000; ++sent) {
    double all = 1;
    for (std::size_t i = 0; i < hamlets; ++i) all *= by_one[needed];
    if (all > 1 - 1e-9) break;
    out += 1 - all;
    for (std::size_t k = needed; k > 0; --k)
      by_one[k] = by_one[k] * (k == needed ? 1 : 1 - heard) + by_one[k - 1] * heard;
    by_one[0] *= 1 - heard;
  }
  return out;
}

void to_ten(Sheet& sheet, const Homes& homes, const std::string& name, double goal,
            const std::function<std::string(std::uint64_t)>& text) {
  constexpr std::size_t hamlets = 10;
  Sheet::Runs runs;
  double bound = 0;
  for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
    World world(homes, {.hamlets = hamlets, .seed = 10'000 + seed});
    world.air.set_losses({200});
    world.start_all();
    world.announce("Họp xóm.");  // opens the run
    world.quiet_down();
    world.begin_count();
    const std::size_t octets = world.announce(text(seed));
    world.finish();
    sheet.check(name, seed, world);
    runs.push_back(world.figures());
    runs.back().given = {1, 0, octets, 0};
    const std::size_t frames = (octets + radio::frame_octets_max - 1) / radio::frame_octets_max;
    bound += frames_to_all(frames, hamlets) * bound_seconds(sf7, octets, 0) / static_cast<double>(frames);
  }
  const auto samples = airtimes(runs, 1);
  sheet.row(name, "s", mean(samples), {goal, true, bound / static_cast<double>(runs.size())}, samples);
  sheet.counted(name, runs);
}

}  // namespace

void broadcast_rows(Sheet& sheet, const Homes& homes) {
  constexpr std::size_t octets = 2000;
  to_ten(sheet, homes, "2000_octets_to_ten_20%_lost", 6.9,
         [&](std::uint64_t seed) { return incompressible_announcement(homes, octets, seed); });
  to_ten(sheet, homes, "text_of_2000_octets_to_ten_20%_lost", 4.5, [](std::uint64_t) { return announcement_text(); });
}

}  // namespace khuoi::bench
