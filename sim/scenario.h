#pragma once

#include <optional>
#include <string>

#include "sim/radio_scenario.h"
#include "sync/base/rng.h"

namespace khuoi::sim {

/// How one seed's world behaves. Whole kinds of faults are off in many seeds, so that each is also seen alone.
struct Scenario {
  std::uint64_t seed = 0;
  std::size_t hamlets = 2;
  std::size_t steps = 80;
  std::size_t sticks = 2;
  bool fiber = true;
  bool by_stick = true;
  bool parity = false;         ///< bundles carry it, as on a real stick
  bool early_writing = false;  ///< hamlets write before their grant
  bool built_in_forms = true;
  OneIn files;  ///< of submissions: with attachments
  // Faults.
  OneIn commit_fails, crash_before_commit, crash_after_commit, clean_restart;
  OneIn link_cut, stick_lost, stick_damaged, stick_cut, stick_copied, stick_old, stick_small;
  OneIn clock_jump, restore_hamlet, clone_hamlet, restore_commune, revoke, forged, rotate_kem;
  std::optional<RadioScenario> radio;  ///< nothing: nobody has one
};

/// Draws a scenario; `steps` 0 leaves the number of steps to the seed.
Scenario draw_scenario(std::uint64_t seed, std::size_t steps);
/// The same world with radios; what concerns them is drawn from a stream of its own.
Scenario draw_scenario_with_radio(std::uint64_t seed, std::size_t steps);
/// For the head of a trace.
std::string describe(const Scenario& scenario);

}  // namespace khuoi::sim
