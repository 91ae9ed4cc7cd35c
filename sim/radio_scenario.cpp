#include "sim/radio_scenario.h"

#include <array>

namespace khuoi::sim {

namespace {

constexpr std::array<std::pair<const char*, Planted>, 3> plantings{{{"ack_before_commit", Planted::ack_before_commit},
                                                                    {"forgetful_ledger", Planted::forgetful_ledger},
                                                                    {"lasting_mark", Planted::lasting_mark}}};

/// Off in one of two seeds, else somewhere between often and seldom.
Micros draw_commit(Rng& rng) {
  // A quick disk, or one that takes up to ten seconds.
  const bool quick = rng.below(3) != 0;
  return Micros(static_cast<std::int64_t>(10'000 + rng.below(quick ? 300'000 : 10'000'000)));
}

}  // namespace

std::optional<Planted> planted_named(std::string_view name) {
  for (const auto& [its_name, planted] : plantings) {
    if (name == its_name) return planted;
  }
  return std::nullopt;
}

std::string_view name_of(Planted planted) {
  for (const auto& [its_name, one] : plantings) {
    if (one == planted) return its_name;
  }
  return "none";
}

RadioScenario draw_radio(std::uint64_t seed, std::size_t hamlets) {
  SeededRng rng(seed ^ 0x7ad10a1f7ad10a1fU);
  RadioScenario out;
  out.alone = rng.below(3) == 0;
  out.spreading_factor = static_cast<unsigned>(7 + rng.below(4));
  const std::uint64_t with = rng.below(hamlets);  // at least this one has a radio
  for (std::size_t i = 0; i < hamlets; ++i) out.hamlets.push_back(rng.below(4) != 0 || i == with);
  if (rng.below(4) != 0) out.losses.per_mille = static_cast<unsigned>(rng.below(401));
  if (rng.below(2) == 0) out.losses.burst_frames = static_cast<unsigned>(2 + rng.below(6));
  const bool any_hidden = rng.below(2) == 0;
  for (std::size_t a = 0; a < hamlets; ++a) {
    for (std::size_t b = a + 1; b < hamlets; ++b) {
      if (rng.below(2) == 0 && any_hidden) out.hidden.emplace_back(a, b);
    }
  }
  if (rng.below(6) == 0) out.ridge = rng.below(hamlets);
  out.commit_takes.push_back(draw_commit(rng));
  for (std::size_t i = 0; i < hamlets; ++i) {
    out.commit_takes.push_back(draw_commit(rng));
    out.snr_db.push_back(static_cast<int>(rng.below(20)) - 7);  // above what SF7 needs
  }
  FaultDraw fault(rng);
  out.cut_before_commit = fault(10, 60);
  out.cut_after_commit = fault(10, 60);
  out.commit_fails = fault(8, 40);
  out.power_cut = fault(5, 30);
  out.disk_full = fault(5, 30);
  out.modem_pulled = fault(5, 30);
  out.modem_reset = fault(5, 30);
  const auto every = Micros(static_cast<std::int64_t>(10'000'000 + rng.below(590'000'000)));
  if (rng.below(3) == 0 && fault.any()) out.junk_every = every;
  // Often enough that what was acknowledged by radio is lost with the disk before anything else tells of it.
  const OneIn restores = fault(6, 24);
  if (rng.below(2) == 0) out.restore_commune = restores;
  return out;
}

std::string describe(const RadioScenario& radio) {
  std::string out = "SF" + std::to_string(radio.spreading_factor) + " at";
  for (std::size_t i = 0; i < radio.hamlets.size(); ++i) {
    if (radio.hamlets[i]) out += " " + std::to_string(i) + " (" + std::to_string(radio.snr_db[i]) + " dB)";
  }
  if (radio.alone) out += ", no other path";
  out += ", loss " + std::to_string(radio.losses.per_mille) + "/1000";
  if (radio.losses.burst_frames) out += " in bursts of " + std::to_string(*radio.losses.burst_frames);
  for (const auto& [a, b] : radio.hidden) out += ", " + std::to_string(a) + "|" + std::to_string(b);
  if (radio.ridge) out += ", ridge before " + std::to_string(*radio.ridge);
  out += ", commits take";
  for (const Micros takes : radio.commit_takes) out += " " + std::to_string(takes.count() / 1000);
  out += " ms";
  const std::array<std::pair<const char*, OneIn>, 7> faults{{{"cut_before_commit", radio.cut_before_commit},
                                                             {"cut_after_commit", radio.cut_after_commit},
                                                             {"commit_fails", radio.commit_fails},
                                                             {"power_cut", radio.power_cut},
                                                             {"disk_full", radio.disk_full},
                                                             {"modem_pulled", radio.modem_pulled},
                                                             {"modem_reset", radio.modem_reset}}};
  for (const auto& [name, ratio] : faults) {
    if (ratio.of != 0) out += std::string(" ") + name + "=1/" + std::to_string(ratio.of);
  }
  if (radio.junk_every) out += " junk every " + std::to_string(radio.junk_every->count() / 1'000'000) + " s";
  if (radio.planted != Planted::none) out += " PLANTED " + std::string(name_of(radio.planted));
  return out;
}

}  // namespace khuoi::sim
