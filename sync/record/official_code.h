#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sync/base/time.h"

namespace khuoi::sync {

/// The code that a commune gives a dossier at reception, as the one-stop system writes it: the unit's code, the day, and
/// the number of that day, "000.00.12.H56-261201-0042". From the ten-thousandth on a number has a fifth digit.
struct OfficialCode {
  std::string unit;
  std::uint32_t day = 0;     ///< yyyymmdd, of this century
  std::uint32_t number = 0;  ///< from 1
  [[nodiscard]] std::string text() const;
  bool operator==(const OfficialCode&) const = default;
};

/// Nothing for a code of another make.
std::optional<OfficialCode> official_code_of(std::string_view text);

/// 1 to 32 letters, digits and dots of ASCII: no dash, so that a code can be taken apart again.
inline constexpr std::size_t unit_octets_max = 32;
bool is_unit_code(std::string_view text);

/// The day in Vietnam, yyyymmdd: +07:00 without summer time. 0 before the year 2000, and after 2099.
std::uint32_t vietnam_day(UnixSeconds at);
/// "2026-12-01".
std::string day_text(std::uint32_t day);
/// Nothing unless there is such a day.
std::optional<std::uint32_t> day_of_text(std::string_view text);

}  // namespace khuoi::sync
