#include "sim/swarm.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <vector>

namespace khuoi::sim {

namespace {

/// What a child tells for each seed: that it begins it, then how it went.
struct Line {
  std::uint64_t job = 0;
  std::uint64_t seed = 0;
  enum class What : std::uint64_t { begins, fine, violation } what = What::begins;
  std::uint64_t events = 0;
};

struct Child {
  pid_t process = -1;
  std::uint64_t at = 0;  ///< the seed it is living now
  bool living = false;
};

void live_seeds(const SwarmOptions& options, std::uint64_t job, int to) {
  for (std::uint64_t i = job; i < options.seeds; i += options.jobs) {
    Line line{job, options.first + i, Line::What::begins, 0};
    const auto tell = [&] {
      if (write(to, &line, sizeof line) != sizeof line) _exit(3);
    };
    tell();
    const Verdict verdict = run(options.worlds.of(line.seed), false);
    line.what = verdict.violation ? Line::What::violation : Line::What::fine;
    line.events = verdict.events;
    if (verdict.violation) report(line.seed, options.worlds, verdict, false);
    std::fflush(stdout);
    tell();
    if (verdict.violation && !options.keep_going) _exit(1);
  }
  _exit(0);
}

}  // namespace

Scenario Worlds::of(std::uint64_t seed) const {
  if (!radio) return draw_scenario(seed, steps);
  Scenario out = draw_scenario_with_radio(seed, steps);
  out.radio->planted = planted;
  return out;
}

std::string Worlds::options() const {
  std::string out;
  if (steps != 0) out += " --steps " + std::to_string(steps);
  if (radio) out += " --radio";
  if (planted != Planted::none) out += " --plant " + std::string(name_of(planted));
  return out;
}

std::string replay_command(std::uint64_t seed, const Worlds& worlds) {
  return "khuoi-sim --seed " + std::to_string(seed) + worlds.options() + " --trace";
}

int report(std::uint64_t seed, const Worlds& worlds, const Verdict& verdict, bool traced) {
  if (!verdict.violation) {
    std::printf("seed=%" PRIu64 " events=%" PRIu64 " digest=%016" PRIx64 "\n", seed, verdict.events, verdict.digest);
    return 0;
  }
  if (!traced) {
    for (const std::string& event : verdict.last_events) std::printf("%s\n", event.c_str());
  }
  std::printf("scenario: %s\n", describe(worlds.of(seed)).c_str());
  std::printf("VIOLATION seed=%" PRIu64 " digest=%016" PRIx64 ": %s\nreplay: %s\n", seed, verdict.digest,
              verdict.violation->c_str(), replay_command(seed, worlds).c_str());
  return 1;
}

int run_swarm(const SwarmOptions& options) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) {
    std::perror("khuoi-sim: pipe");
    return 1;
  }
  std::fflush(stdout);
  std::vector<Child> children(options.jobs);
  for (std::uint64_t job = 0; job < options.jobs; ++job) {
    children[job].process = fork();
    if (children[job].process == 0) {
      close(pipe_ends[0]);
      live_seeds(options, job, pipe_ends[1]);
    }
    if (children[job].process < 0) {
      std::perror("khuoi-sim: fork");
      return 1;
    }
  }
  close(pipe_ends[1]);
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t fine = 0;
  std::uint64_t failed = 0;
  std::uint64_t events = 0;
  Line line;
  while (read(pipe_ends[0], &line, sizeof line) == sizeof line) {
    Child& child = children.at(line.job);
    child.at = line.seed;
    child.living = line.what == Line::What::begins;
    if (line.what == Line::What::violation) ++failed;
    if (line.what != Line::What::fine) continue;
    events += line.events;
    if (++fine % 500 == 0) {
      std::printf("%" PRIu64 " of %" PRIu64 " seeds, no further violation\n", fine + failed, options.seeds);
      std::fflush(stdout);
    }
    if (failed != 0 && !options.keep_going) break;
  }
  close(pipe_ends[0]);
  for (Child& child : children) {
    if (failed != 0 && !options.keep_going) kill(child.process, SIGTERM);
    int status = 0;
    waitpid(child.process, &status, 0);
    const bool stopped_by_us = failed != 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
    if (child.living && !stopped_by_us) {
      ++failed;
      std::printf("VIOLATION seed=%" PRIu64 ": the program ended by itself (status %d)\nreplay: %s\n", child.at, status,
                  replay_command(child.at, options.worlds).c_str());
    }
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("seeds=%" PRIu64 " violations=%" PRIu64 " events=%" PRIu64 " seconds=%.1f seeds_per_second=%.1f\n",
              fine + failed, failed, events, seconds, static_cast<double>(fine + failed) / std::max(seconds, 0.001));
  return failed == 0 ? 0 : 1;
}

}  // namespace khuoi::sim
