#pragma once

#include "sync/base/bytes.h"

namespace khuoi::sync {

/// A value is cut into tokens, left to right: a word (with one space before it, if there is one), a run of digits, a
/// run of hex digits, a random UUID, or one character of punctuation. The last kinds stand in dictionaries only.
struct Token {
  enum class Kind : std::uint8_t { word, punctuation, digits, hex, uuid, joint, any_uuid, any_word };
  Kind kind = Kind::punctuation;
  std::string_view text;
};
inline constexpr std::size_t run_octets_max = 255;

/// Marks train() leaves in a dictionary in the place of what it took out; ordinary characters everywhere else.
namespace mark {
inline constexpr char joint = '\x01';      // what follows did not come from the same person as what went before
inline constexpr char any_digit = '\x02';  // in a run of digits, or of hex digits
inline constexpr char any_hex = '\x03';    // opens a run of hex digits
inline constexpr char any_uuid = '\x04';
inline constexpr char any_word = '\x05';
}  // namespace mark
/// Whether a dictionary's text has one of them.
bool has_mark(std::string_view text);

/// The token that `text` (not empty) starts with. `marked`: text is a dictionary's.
Token token_at(std::string_view text, bool marked);

/// A UUID of version 4 as in RFC 9562 in lower case: 36 octets with 122 bits of chance. The encoder writes them as
/// 61 + 61 bits.
inline constexpr std::size_t uuid_octets = 36;
struct UuidBits {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};
UuidBits uuid_bits(std::string_view uuid);
std::string uuid_text(UuidBits bits);

/// `2026-05-12T08:30:15.250+07:00` as milliseconds since 1970 of its own zone, and the zone's text.
struct DateTime {
  std::int64_t ms = 0;
  std::string_view zone;
};
/// Only texts that date_time_text() gives back octet by octet.
std::optional<DateTime> parse_date_time(std::string_view text);
/// ms from year 1 to year 9999; others are brought into that span.
std::string date_time_text(std::int64_t ms, std::string_view zone);

}  // namespace khuoi::sync
