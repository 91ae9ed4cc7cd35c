#include "sync/codec/value_tokens.h"

#include <algorithm>
#include <chrono>

#include "sync/codec/letters.h"

namespace khuoi::sync {
namespace {

bool is_hex(char octet) { return is_digit(octet) || (octet >= 'a' && octet <= 'f'); }
bool is_lower_or_digit(char octet) { return is_digit(octet) || (octet >= 'a' && octet <= 'z'); }

unsigned hex_value(char octet) { return static_cast<unsigned>(is_digit(octet) ? octet - '0' : octet - 'a' + 10); }

bool is_uuid(std::string_view text) {
  if (text.size() < uuid_octets) return false;
  for (std::size_t at = 0; at < uuid_octets; ++at) {
    const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
    if (dash ? text[at] != '-' : !is_hex(text[at])) return false;
  }
  return text[14] == '4' && (hex_value(text[19]) & 0xCU) == 0x8U;
}

template <typename Accept>
std::size_t run_of(std::string_view text, Accept accept) {
  std::size_t octets = 0;
  while (octets < text.size() && octets < run_octets_max && accept(text[octets])) ++octets;
  return octets;
}

Token marked_at(std::string_view text) {
  switch (text[0]) {
    case mark::joint:
      return {Token::Kind::joint, text.substr(0, 1)};
    case mark::any_uuid:
      return {Token::Kind::any_uuid, text.substr(0, 1)};
    case mark::any_word:
      return {Token::Kind::any_word, text.substr(0, 1)};
    case mark::any_hex: {
      const std::size_t octets = run_of(text.substr(1), [](char octet) { return octet == mark::any_digit; });
      return {Token::Kind::hex, text.substr(1, octets)};
    }
    default:
      return {Token::Kind::punctuation, {}};
  }
}

}  // namespace

bool has_mark(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char octet) { return octet > 0 && octet <= mark::any_word; });
}

Token token_at(std::string_view text, bool marked) {
  if (marked && text[0] < 6 && text[0] > 0 && text[0] != mark::any_digit) return marked_at(text);
  if (is_hex(text[0])) {
    if (is_uuid(text)) return {Token::Kind::uuid, text.substr(0, uuid_octets)};
    const std::size_t octets = run_of(text, is_hex);
    if (octets >= 8 && (octets == text.size() || octets == run_octets_max || !is_lower_or_digit(text[octets])) &&
        std::any_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(octets),
                    [](char octet) { return !is_digit(octet); })) {
      return {Token::Kind::hex, text.substr(0, octets)};
    }
  }
  const auto in_run = [&](char octet) { return is_digit(octet) || (marked && octet == mark::any_digit); };
  if (const std::size_t octets = run_of(text, in_run); octets != 0)
    return {Token::Kind::digits, text.substr(0, octets)};
  const std::size_t space = text[0] == ' ' && text.size() > 1 ? 1 : 0;
  std::size_t end = space;
  while (end < text.size()) {
    const CharacterAt at = character_at(text.substr(end));
    if (!is_letter(at.character)) break;
    end += at.octets;
  }
  if (end > space) return {Token::Kind::word, text.substr(0, end)};
  return {Token::Kind::punctuation, text.substr(0, 1)};
}

UuidBits uuid_bits(std::string_view uuid) {
  // 30 hex digits and the two free bits of the variant digit, in order: 61 bits and 61 bits.
  UuidBits bits;
  int taken = 0;
  const auto put = [&](std::uint64_t value, int count) {
    for (int bit = count - 1; bit >= 0; --bit, ++taken) {
      std::uint64_t& half = taken < 61 ? bits.high : bits.low;
      half = (half << 1U) | ((value >> static_cast<unsigned>(bit)) & 1U);
    }
  };
  for (std::size_t at = 0; at < uuid_octets; ++at) {
    if (uuid[at] == '-' || at == 14) continue;
    if (at == 19) {
      put(hex_value(uuid[at]) & 3U, 2);
    } else {
      put(hex_value(uuid[at]), 4);
    }
  }
  return bits;
}

std::string uuid_text(UuidBits bits) {
  std::string out(uuid_octets, '-');
  unsigned given = 0;
  const auto get = [&](unsigned count) {
    unsigned value = 0;
    for (; count > 0; --count, ++given) {
      const std::uint64_t half = given < 61 ? bits.high : bits.low;
      value = (value << 1U) | static_cast<unsigned>((half >> (60U - given % 61U)) & 1U);
    }
    return value;
  };
  for (std::size_t at = 0; at < uuid_octets; ++at) {
    if (at == 8 || at == 13 || at == 18 || at == 23) continue;
    const unsigned value = at == 14 ? 4U : at == 19 ? 8U | get(2) : get(4);
    out[at] = "0123456789abcdef"[value];
  }
  return out;
}

namespace {

constexpr std::int64_t ms_a_day = 86'400'000;
/// Days since 1970 of 0001-01-01 and 9999-12-31.
constexpr std::int64_t first_day = -719'162;
constexpr std::int64_t last_day = 2'932'896;

/// The number in text[at, at + digits), or -1.
int number_in(std::string_view text, std::size_t at, std::size_t digits) {
  int value = 0;
  for (std::size_t end = at + digits; at < end; ++at) {
    if (!is_digit(text[at])) return -1;
    value = value * 10 + (text[at] - '0');
  }
  return value;
}

void put_number(char* to, unsigned value, unsigned digits) {
  for (; digits > 0; value /= 10) to[--digits] = static_cast<char>('0' + value % 10);
}

bool is_zone(std::string_view zone) {
  if (zone == "Z") return true;
  return zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && is_digit(zone[1]) && is_digit(zone[2]) &&
         zone[3] == ':' && is_digit(zone[4]) && is_digit(zone[5]);
}

}  // namespace

std::optional<DateTime> parse_date_time(std::string_view text) {
  if (text.size() < 24 || text.size() > 29) return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != '.') {
    return std::nullopt;
  }
  const std::string_view zone = text.substr(23);
  const int year = number_in(text, 0, 4);
  const int month = number_in(text, 5, 2);
  const int day = number_in(text, 8, 2);
  const int hour = number_in(text, 11, 2);
  const int minute = number_in(text, 14, 2);
  const int second = number_in(text, 17, 2);
  const int ms = number_in(text, 20, 3);
  if (year < 1 || month < 1 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 59 || ms < 0 || !is_zone(zone)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return DateTime{days * ms_a_day + ((hour * 60LL + minute) * 60 + second) * 1000 + ms, zone};
}

std::string date_time_text(std::int64_t ms, std::string_view zone) {
  ms = std::clamp(ms, first_day * ms_a_day, (last_day + 1) * ms_a_day - 1);
  std::int64_t days = ms / ms_a_day;
  if (ms % ms_a_day < 0) --days;
  const auto of_day = static_cast<unsigned>(ms - days * ms_a_day);
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(static_cast<std::chrono::days::rep>(days)))};
  std::string out = "0000-00-00T00:00:00.000";
  put_number(&out[0], static_cast<unsigned>(static_cast<int>(date.year())), 4);
  put_number(&out[5], static_cast<unsigned>(date.month()), 2);
  put_number(&out[8], static_cast<unsigned>(date.day()), 2);
  put_number(&out[11], of_day / 3'600'000, 2);
  put_number(&out[14], of_day / 60'000 % 60, 2);
  put_number(&out[17], of_day / 1000 % 60, 2);
  put_number(&out[20], of_day % 1000, 3);
  return out.append(zone);
}

}  // namespace khuoi::sync
