#include "sync/record/official_code.h"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace khuoi::sync {

namespace {

constexpr std::size_t number_digits_min = 4, number_digits_max = 9, code_day_digits = 6;
constexpr std::int64_t ahead_of_utc = 7LL * 3600;
constexpr std::uint32_t first_century_day = 20000101, last_century_day = 20991231;

std::optional<std::uint32_t> digits_of(std::string_view text) {
  std::uint32_t out = 0;
  const bool digits = !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  if (!digits || parsed.ec != std::errc()) return std::nullopt;
  return out;
}

std::string padded_number(std::uint32_t number, std::size_t digits) {
  std::string out = std::to_string(number);
  return out.size() < digits ? std::string(digits - out.size(), '0') + out : out;
}

bool is_day(std::uint32_t day) {
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(day / 10000)),
                                         std::chrono::month(day / 100 % 100), std::chrono::day(day % 100)};
  return day >= first_century_day && day <= last_century_day && date.ok();
}

}  // namespace

std::string OfficialCode::text() const {
  return unit + "-" + padded_number(day % 1000000, code_day_digits) + "-" + padded_number(number, number_digits_min);
}

std::optional<OfficialCode> official_code_of(std::string_view text) {
  const std::size_t second = text.rfind('-');
  if (second == std::string_view::npos || second == 0) return std::nullopt;
  const std::size_t first = text.rfind('-', second - 1);
  if (first == std::string_view::npos) return std::nullopt;
  const std::string_view day = text.substr(first + 1, second - first - 1);
  const std::string_view number = text.substr(second + 1);
  const auto day_number = digits_of(day);
  const auto count = digits_of(number);
  const bool fits = day.size() == code_day_digits && day_number && number.size() >= number_digits_min &&
                    number.size() <= number_digits_max && count && *count > 0 && is_unit_code(text.substr(0, first));
  if (!fits) return std::nullopt;
  OfficialCode out{std::string(text.substr(0, first)), first_century_day / 1000000 * 1000000 + *day_number, *count};
  // Written otherwise than we do, it is none of ours: 00042 would be the same number under another text.
  if (!is_day(out.day) || out.text() != text) return std::nullopt;
  return out;
}

bool is_unit_code(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.';
  };
  return !text.empty() && text.size() <= unit_octets_max && std::ranges::all_of(text, fits);
}

std::uint32_t vietnam_day(UnixSeconds at) {
  const auto days = std::chrono::floor<std::chrono::days>(
      std::chrono::sys_seconds(std::chrono::seconds(std::clamp<std::int64_t>(at.value, 0, 1LL << 40) + ahead_of_utc)));
  const std::chrono::year_month_day date{days};
  if (date.year() < std::chrono::year(2000) || date.year() > std::chrono::year(2099)) return 0;
  return static_cast<std::uint32_t>(static_cast<int>(date.year())) * 10000 +
         static_cast<std::uint32_t>(static_cast<unsigned>(date.month())) * 100 +
         static_cast<std::uint32_t>(static_cast<unsigned>(date.day()));
}

std::string day_text(std::uint32_t day) {
  return padded_number(day / 10000, 4) + "-" + padded_number(day / 100 % 100, 2) + "-" + padded_number(day % 100, 2);
}

std::optional<std::uint32_t> day_of_text(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits_of(text.substr(0, 4)), month = digits_of(text.substr(5, 2)), day = digits_of(text.substr(8));
  if (!year || !month || !day) return std::nullopt;
  const std::uint32_t out = *year * 10000 + *month * 100 + *day;
  return is_day(out) ? std::optional(out) : std::nullopt;
}

}  // namespace khuoi::sync
