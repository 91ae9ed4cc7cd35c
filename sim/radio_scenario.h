#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/air/air.h"
#include "sim/one_in.h"

namespace khuoi::sim {

/// Faults of ours that the swarm must find. They stand in the simulator, around what ships.
enum class Planted : std::uint8_t {
  none,
  ack_before_commit,  ///< the commune's disk says that it has what a power cut takes away again
  forgetful_ledger,   ///< no start knows how long its modem was on the air
  lasting_mark,       ///< a hamlet keeps what was acknowledged, though the commune was set back
};
/// Nothing: there is none of that name.
std::optional<Planted> planted_named(std::string_view name);
std::string_view name_of(Planted planted);

/// How the radios of one seed's world behave. The commune has one.
struct RadioScenario {
  std::vector<bool> hamlets;  ///< which of them have one
  bool alone = false;         ///< until the end nobody lays a fiber or carries a stick
  unsigned spreading_factor = 9;
  bool concentrator = false;  ///< at the commune
  Losses losses;
  std::vector<std::pair<std::size_t, std::size_t>> hidden;  ///< hamlets, from each other
  std::optional<std::size_t> ridge;                         ///< this hamlet hears the commune only at the end
  std::vector<int> snr_db;                                  ///< of each hamlet and the commune
  std::vector<Micros> commit_takes;                         ///< at the commune, then at each hamlet
  // Faults: of works for the first three, of steps for the others.
  OneIn cut_before_commit, cut_after_commit, commit_fails;
  OneIn power_cut, disk_full, modem_pulled, modem_reset;
  OneIn restore_commune;             ///< of steps, in place of what the world without radios has for it
  std::optional<Micros> junk_every;  ///< about so often somebody sends what is no frame of ours, or an old one
  Planted planted = Planted::none;
};

RadioScenario draw_radio(std::uint64_t seed, std::size_t hamlets);
/// For the head of a trace.
std::string describe(const RadioScenario& radio);

}  // namespace khuoi::sim
