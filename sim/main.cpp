#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "sim/air/modem_bench.h"
#include "sim/radio_acceptance.h"
#include "sim/run.h"
#include "sim/swarm.h"

namespace {

int usage() {
  std::fprintf(
      stderr,
      "usage: khuoi-sim --seed N [--steps K] [--radio] [--trace]   one world; its digest, or what broke in it\n"
      "       khuoi-sim --swarm N [--first S] [--jobs J] [--steps K] [--radio] [--keep-going]\n"
      "                                                           seeds S to S+N-1; stops at the first violation\n"
      "                                                           --radio: with radios, as the seed draws them\n"
      "                                                           --plant FAULT: ack_before_commit, forgetful_ledger or\n"
      "                                                           lasting_mark, which the swarm has to find\n"
      "       khuoi-sim --radio-acceptance [SEED] [--concentrator]  six hamlets' morning by radio alone, and what arrived\n"
      "       khuoi-sim --air FOLDER --modems A,B[,C...] ...       modems on ptys in one air, in real time\n");
  return 2;
}

std::optional<std::uint64_t> number(const char* text) {
  char* end = nullptr;
  const std::uint64_t out = std::strtoull(text, &end, 10);
  if (text[0] == '\0' || text[0] == '-' || *end != '\0') return std::nullopt;
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "--air") {
    return khuoi::sim::run_air_command(std::vector<std::string>(argv + 2, argv + argc));
  }
  if (argc > 1 && std::string_view(argv[1]) == "--radio-acceptance") {
    const bool concentrator = std::string_view(argv[argc - 1]) == "--concentrator";
    const int words = argc - (concentrator ? 1 : 0);
    const auto chosen = words == 3 ? number(argv[2]) : std::optional<std::uint64_t>(1);
    return words > 3 || !chosen ? usage() : khuoi::sim::run_radio_acceptance(*chosen, concentrator);
  }
  std::optional<std::uint64_t> seed;
  khuoi::sim::SwarmOptions swarm;
  khuoi::sim::Worlds worlds;
  bool trace = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--trace") {
      trace = true;
      continue;
    }
    if (option == "--keep-going") {
      swarm.keep_going = true;
      continue;
    }
    if (option == "--radio") {
      worlds.radio = true;
      continue;
    }
    if (option == "--plant" && i + 1 < argc) {
      const auto planted = khuoi::sim::planted_named(argv[++i]);
      if (!planted) return usage();
      worlds.planted = *planted;
      continue;
    }
    const auto value = i + 1 < argc ? number(argv[++i]) : std::nullopt;
    if (!value) return usage();
    if (option == "--seed")
      seed = *value;
    else if (option == "--steps")
      worlds.steps = *value;
    else if (option == "--swarm")
      swarm.seeds = *value;
    else if (option == "--first")
      swarm.first = *value;
    else if (option == "--jobs")
      swarm.jobs = *value;
    else
      return usage();
  }
  if (worlds.planted != khuoi::sim::Planted::none && !worlds.radio) return usage();
  if (worlds.steps > 1'000'000 || swarm.jobs < 1 || swarm.jobs > 256 || seed.has_value() == (swarm.seeds != 0)) return usage();
  swarm.worlds = worlds;
  if (!seed) return khuoi::sim::run_swarm(swarm);
  const auto verdict = khuoi::sim::run(worlds.of(*seed), trace);
  return khuoi::sim::report(*seed, worlds, verdict, trace);
}
