#pragma once

#include "sim/run.h"

namespace khuoi::sim {

/// Which world a seed is.
struct Worlds {
  std::uint64_t steps = 0;  ///< zero: the seed says
  bool radio = false;
  Planted planted = Planted::none;
  [[nodiscard]] Scenario of(std::uint64_t seed) const;
  /// For a command line.
  [[nodiscard]] std::string options() const;
};

struct SwarmOptions {
  std::uint64_t seeds = 0;
  std::uint64_t first = 1;
  std::uint64_t jobs = 1;
  Worlds worlds;
  bool keep_going = false;
};

/// Runs seeds in child processes, so that a broken check in one does not end the others. Prints progress, and for a
/// failing seed its trace and exact replay command. Gives the exit code.
int run_swarm(const SwarmOptions& options);
/// Prints one seed's verdict. Gives the exit code.
int report(std::uint64_t seed, const Worlds& worlds, const Verdict& verdict, bool traced);
std::string replay_command(std::uint64_t seed, const Worlds& worlds);

}  // namespace khuoi::sim
