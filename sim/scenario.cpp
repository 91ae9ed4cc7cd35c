#include "sim/scenario.h"

#include <array>
#include <utility>

namespace khuoi::sim {

Scenario draw_scenario(std::uint64_t seed, std::size_t steps) {
  SeededRng rng(seed ^ 0x5ce7a2105ce7a210U);
  Scenario out;
  out.seed = seed;
  // Ten hamlets cost a hundred signatures before anything happens: most seeds make do with fewer.
  out.hamlets = rng.below(32) == 0 ? 10 : 1 + rng.below(4);
  out.steps = steps != 0 ? steps : 40 + rng.below(80);
  out.sticks = 1 + rng.below(3);
  const std::uint64_t paths = rng.below(4);
  out.fiber = paths != 0;
  out.by_stick = paths != 1;
  out.parity = rng.below(4) == 0;
  out.early_writing = rng.below(4) == 0;
  out.built_in_forms = rng.below(2) == 0;
  out.files = OneIn::drawn(rng, 2, 6);
  FaultDraw fault(rng);
  out.commit_fails = fault(8, 40);
  out.crash_before_commit = fault(10, 60);
  out.crash_after_commit = fault(10, 60);
  out.clean_restart = fault(10, 40);
  out.link_cut = fault(3, 20);
  out.stick_lost = fault(8, 20);
  out.stick_damaged = fault(3, 10);
  out.stick_cut = fault(4, 12);
  out.stick_copied = fault(4, 12);
  out.stick_old = fault(4, 12);
  out.stick_small = fault(3, 10);
  out.clock_jump = fault(10, 40);
  out.restore_hamlet = fault(20, 60);
  out.clone_hamlet = rng.below(2) == 0 ? fault(40, 100) : OneIn{};
  out.restore_commune = fault(30, 80);
  out.revoke = rng.below(2) == 0 ? fault(40, 100) : OneIn{};
  out.forged = fault(4, 20);
  out.rotate_kem = rng.below(2) == 0 ? fault(40, 100) : OneIn{};
  return out;
}

Scenario draw_scenario_with_radio(std::uint64_t seed, std::size_t steps) {
  Scenario out = draw_scenario(seed, steps);
  out.radio = draw_radio(seed, out.hamlets);
  // Without another path, no form but these reaches a hamlet.
  if (out.radio->alone) out.built_in_forms = true;
  if (out.radio->restore_commune.of != 0) out.restore_commune = out.radio->restore_commune;
  return out;
}

std::string describe(const Scenario& scenario) {
  std::string out = "hamlets=" + std::to_string(scenario.hamlets) + " steps=" + std::to_string(scenario.steps) +
                    " sticks=" + std::to_string(scenario.by_stick ? scenario.sticks : 0);
  const std::array<std::pair<const char*, bool>, 4> flags{{{"fiber", scenario.fiber},
                                                           {"parity", scenario.parity},
                                                           {"early_writing", scenario.early_writing},
                                                           {"built_in_forms", scenario.built_in_forms}}};
  for (const auto& [name, on] : flags) {
    if (on) out += std::string(" ") + name;
  }
  const std::array<std::pair<const char*, OneIn>, 19> faults{{{"files", scenario.files},
                                                              {"commit_fails", scenario.commit_fails},
                                                              {"crash_before_commit", scenario.crash_before_commit},
                                                              {"crash_after_commit", scenario.crash_after_commit},
                                                              {"clean_restart", scenario.clean_restart},
                                                              {"link_cut", scenario.link_cut},
                                                              {"stick_lost", scenario.stick_lost},
                                                              {"stick_damaged", scenario.stick_damaged},
                                                              {"stick_cut", scenario.stick_cut},
                                                              {"stick_copied", scenario.stick_copied},
                                                              {"stick_old", scenario.stick_old},
                                                              {"stick_small", scenario.stick_small},
                                                              {"clock_jump", scenario.clock_jump},
                                                              {"restore_hamlet", scenario.restore_hamlet},
                                                              {"clone_hamlet", scenario.clone_hamlet},
                                                              {"restore_commune", scenario.restore_commune},
                                                              {"revoke", scenario.revoke},
                                                              {"forged", scenario.forged},
                                                              {"rotate_kem", scenario.rotate_kem}}};
  for (const auto& [name, ratio] : faults) {
    if (ratio.of != 0) out += std::string(" ") + name + "=1/" + std::to_string(ratio.of);
  }
  if (scenario.radio) out += "; radio: " + describe(*scenario.radio);
  return out;
}

}  // namespace khuoi::sim
