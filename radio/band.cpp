#include "radio/band.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace khuoi::radio {

namespace {

constexpr double isotropic_above_dipole = 2.15;  // dB

constexpr std::array vietnam_parts{SubBand{920'000'000, 923'000'000, 14, false, 10'000, 100'000}};
constexpr std::array as923_2_parts{SubBand{921'400'000, 922'000'000, 16, true, 10'000, 10'000}};
constexpr std::array eu868_parts{
    SubBand{865'000'000, 868'000'000, 14, false, 10'000, 10'000},
    SubBand{868'000'000, 868'600'000, 14, false, 10'000, 10'000},
    SubBand{868'700'000, 869'200'000, 14, false, 1'000, 1'000},
    SubBand{869'400'000, 869'650'000, 27, false, 100'000, 100'000},
    SubBand{869'700'000, 870'000'000, 14, false, 10'000, 10'000},
};
constexpr std::array all{
    Band{"vietnam", vietnam_parts, {}, "Circular 08/2021/TT-BTTTT (power); QCVN 122:2020/BTTTT (duty cycle)"},
    Band{"as923-2", as923_2_parts, std::chrono::milliseconds(400), "LoRaWAN RP002-1.0.4, AS923-2"},
    Band{"eu868", eu868_parts, {}, "ETSI EN 300 220-2 V3.2.1, annex B"},
};

std::string megahertz(std::uint32_t hz) {
  std::string out = std::to_string(hz / 1'000'000) + "." + std::to_string(1'000'000 + hz % 1'000'000).substr(1);
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out;
}

}  // namespace

std::span<const Band> bands() { return all; }

Result<Band> band_named(std::string_view name) {
  const auto found = std::ranges::find(all, name, &Band::name);
  if (found != all.end()) return *found;
  std::string names;
  for (const Band& band : all) names += (names.empty() ? "" : ", ") + std::string(band.name);
  return fail(Errc::usage, "there is no band '" + std::string(name) + "': choose one of " + names);
}

Result<SubBand> part_of(const Band& band, std::uint32_t frequency_hz, std::uint32_t bandwidth_hz) {
  const std::uint64_t low = std::uint64_t{2} * frequency_hz - bandwidth_hz;  // in halves of a hertz
  const std::uint64_t high = std::uint64_t{2} * frequency_hz + bandwidth_hz;
  std::string parts;
  for (const SubBand& part : band.parts) {
    if (bandwidth_hz <= 2 * std::uint64_t{frequency_hz} && low >= std::uint64_t{2} * part.low_hz &&
        high <= std::uint64_t{2} * part.high_hz) {
      return part;
    }
    parts += (parts.empty() ? "" : ", ") + megahertz(part.low_hz) + " to " + megahertz(part.high_hz);
  }
  return fail(Errc::usage, "a signal of " + std::to_string(bandwidth_hz / 1000) + " kHz at " + megahertz(frequency_hz) +
                               " MHz does not lie in band '" + std::string(band.name) + "' (" + parts + " MHz)");
}

int modem_power_max(const SubBand& part, double antenna_dbi) {
  const double radiated = part.power_dbm + (part.over_isotropic ? 0 : isotropic_above_dipole);
  return static_cast<int>(std::floor(radiated - antenna_dbi + 1e-9));
}

}  // namespace khuoi::radio
