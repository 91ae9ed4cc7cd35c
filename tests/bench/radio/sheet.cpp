#include "tests/bench/radio/sheet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace khuoi::bench {

namespace {

double percentile(std::vector<double> sorted, unsigned percent) {
  const auto at = static_cast<std::size_t>(std::ceil(static_cast<double>(sorted.size()) * percent / 100));
  return sorted[std::max<std::size_t>(at, 1) - 1];
}

constexpr std::array type_names = {"join", "welcome", "data", "ack", "ask", "call", "symbol", "report", "poll", "hears", "serve"};

const char* name_of(radio::FrameType type) {
  const auto at = static_cast<std::size_t>(type) - 1;
  return at < type_names.size() ? type_names[at] : "other";
}

/// What stands in the stream octets of one frame: "slot_and_number=3 sealed=76 tag=16".
std::string text_of_stream(ByteView octets) {
  sync::ElementReader reader;
  reader.add(octets);
  std::size_t heads = octets.size(), sealed = 0, tags = 0, openers = 0;
  while (true) {
    const auto element = reader.next(false);
    if (!element || !*element) break;
    if (const auto* record = std::get_if<sync::RadioRecord>(&**element)) {
      sealed += record->body.size() - tag_octets;
      tags += tag_octets;
    } else if (std::holds_alternative<sync::RadioOpener>(**element)) {
      openers += sync::encode_element(**element).size();
    }
  }
  heads -= sealed + tags + openers;
  return "heads=" + std::to_string(heads) + " openers=" + std::to_string(openers) +
         " sealed=" + std::to_string(sealed) + " tags=" + std::to_string(tags);
}

}  // namespace

std::size_t seeds() {
  const char* told = std::getenv("KHUOI_RADIO_SEEDS");
  const int count = told == nullptr ? 50 : std::atoi(told);
  return static_cast<std::size_t>(std::clamp(count, 1, 10'000));
}

void Sheet::row(const std::string& name, const char* unit, double value, const Goal& goal,
                std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  if (!goal.at_most) std::reverse(samples.begin(), samples.end());
  const bool met = goal.at_most ? value <= goal.value : value >= goal.value;
  std::printf("radio row: name=%s value=%.3f unit=%s sense=%s goal=%g", name.c_str(), value, unit,
              goal.at_most ? "<=" : ">=", goal.value);
  if (goal.bound != 0) std::printf(" bound=%.3f", goal.bound);
  std::printf(" p50=%.3f p95=%.3f worst=%.3f n=%zu %s\n", percentile(samples, 50), percentile(samples, 95),
              samples.back(), samples.size(), met ? "ok" : "SHORT");
  std::fflush(stdout);
}

void Sheet::counted(const std::string& name, const Runs& runs) {
  const auto n = static_cast<double>(runs.size());
  const auto mean = [&](auto&& of) {
    double out = 0;
    for (const auto& run : runs) out += static_cast<double>(of(run));
    return out / n;
  };
  const auto frames = [&](const char* what, auto&& of) {
    std::printf(" %s=%.1f,%.0fms", what, mean([&](const auto& run) { return of(run).frames; }),
                mean([&](const auto& run) { return 1e3 * seconds_of(of(run).airtime); }));
  };
  std::printf("radio counted: name=%s", name.c_str());
  frames("all", [](const auto& run) { return run.tally.all; });
  frames("hamlets", [](const auto& run) { return run.tally.hamlets; });
  frames("commune", [](const auto& run) { return run.tally.commune; });
  for (std::size_t type = 1; type <= type_names.size(); ++type) {
    const auto of_type = [type](const auto& run) {
      const auto found = run.tally.types.find(static_cast<radio::FrameType>(type));
      return found == run.tally.types.end() ? Tally::Frames() : found->second;
    };
    if (mean([&](const auto& run) { return of_type(run).frames; }) != 0)
      frames(name_of(static_cast<radio::FrameType>(type)), of_type);
  }
  std::printf(" lost=%.1f collided=%.1f deaf=%.1f", mean([](const auto& run) { return run.tally.lost; }),
              mean([](const auto& run) { return run.tally.collided; }),
              mean([](const auto& run) { return run.tally.deaf; }));
  std::printf(" records=%.1f openers=%.1f octets=%.1f heads=%.1f", mean([](const auto& run) { return run.given.records; }),
              mean([](const auto& run) { return run.given.openers; }),
              mean([](const auto& run) { return run.given.octets; }),
              mean([](const auto& run) { return run.given.heads; }));
  double hamlet = 0, commune = 0;
  for (const auto& run : runs) {
    hamlet = std::max(hamlet, run.hour_hamlet);
    commune = std::max(commune, run.hour_commune);
  }
  std::printf(" seconds=%.1f worst_hour_hamlet=%.2fs worst_hour_commune=%.2fs\n",
              mean([](const auto& run) { return run.seconds; }), hamlet, commune);
  std::fflush(stdout);
}

void Sheet::senders(const std::string& name, const Runs& runs) {
  std::map<sim::ModemNumber, std::pair<double, double>> all;
  for (const auto& run : runs) {
    for (const auto& [modem, of] : run.tally.senders) {
      all[modem].first += static_cast<double>(of.frames) / static_cast<double>(runs.size());
      all[modem].second += 1e3 * seconds_of(of.airtime) / static_cast<double>(runs.size());
    }
  }
  std::printf("radio senders: name=%s", name.c_str());
  for (const auto& [modem, of] : all) std::printf(" box_%zu=%.1f,%.0fms", modem, of.first, of.second);
  std::printf("\n");
  std::fflush(stdout);
}

void Sheet::frame(const std::string& name, const radio::Modulation& modulation, const sim::AirFrame& frame,
                  bool of_commune) {
  const auto decoded = radio::decode_frame(ByteView(frame.octets).subspan(1));
  REQUIRE(decoded);
  std::string body = "body=" + std::to_string(decoded->body.size());
  if (decoded->type == radio::FrameType::data) body = text_of_stream(decoded->body);
  std::printf(
      "radio frame: name=%s type=%s from=%s octets=%zu airtime_ms=%.1f rnode=1 type_and_flags=1 alias=2 "
      "counter=1 %s mac=4\n",
      name.c_str(), name_of(decoded->type), of_commune ? "commune" : "hamlet", frame.octets.size(),
      1e3 * seconds_of(airtime_of(modulation, frame.octets.size())), body.c_str());
}

void Sheet::check(const std::string& row, std::uint64_t seed, const World& world) {
  ++worlds_;
  frames_ += world.air.total().frames;
  records_ += world.given.size();
  for (const auto& [check, one] : world.wrongs.all()) {
    std::printf("radio wrong: row=%s seed=%llu check=%s times=%zu first: %s\n", row.c_str(),
                static_cast<unsigned long long>(seed), check.c_str(), one.times, one.first.c_str());
    failed_ = true;
  }
}

void Sheet::planted(const char* bug, std::string_view check, const World& world) {
  const bool caught = world.wrongs.has(check);
  std::printf("radio planted: bug=%s check=%s %s", bug, std::string(check).c_str(), caught ? "caught" : "NOT CAUGHT");
  if (caught) std::printf(": %s", world.wrongs.all().at(std::string(check)).first.c_str());
  std::printf("\n");
  std::fflush(stdout);
  failed_ = failed_ || !caught;
}

void Sheet::size() {
  std::printf("radio size: worlds=%llu records=%llu frames=%llu seeds=%zu\n", static_cast<unsigned long long>(worlds_),
              static_cast<unsigned long long>(records_), static_cast<unsigned long long>(frames_), seeds());
}

}  // namespace khuoi::bench
