#include "node/acts/identity.h"

#include <algorithm>
#include <bit>

#include "node/acts/name_match.h"

namespace khuoi::node {

namespace {

constexpr std::size_t name_octets_max = 60;
constexpr std::size_t citizen_digits = 12;
constexpr std::size_t card_digits = 9;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

/// As one types Vietnamese with keys for marks: none of these letters stands there in a Vietnamese word.
bool is_mark_key(std::string_view before, char c) {
  if (before.empty()) return false;
  if (c == 's' || c == 'f' || c == 'x' || c == 'j' || c == 'w') return true;
  if (c == 'r') return before != "t";
  return before.back() == c && (c == 'a' || c == 'e' || c == 'o' || c == 'd');
}

std::string folded_word(std::string_view letters) {
  std::string out;
  for (const char c : letters) {
    if (!is_mark_key(out, c)) out.push_back(c == 'y' ? 'i' : c);
  }
  return out;
}

/// Longest run in which each digit is the one before and `step`, after 9 comes 0.
std::size_t longest_run(std::string_view digits, int step) {
  std::size_t longest = 1;
  std::size_t run = 1;
  for (std::size_t i = 1; i < digits.size(); ++i) {
    run = (digits[i] - digits[i - 1] - step + 20) % 10 == 0 ? run + 1 : 1;
    longest = std::max(longest, run);
  }
  return longest;
}

bool stands_for_none(std::string_view digits) {
  constexpr std::size_t tail_digits = 6;
  constexpr std::size_t counted_up = 8;
  unsigned kinds = 0;
  for (const char c : digits) kinds |= 1U << static_cast<unsigned>(c - '0');
  const std::string_view tail = digits.substr(digits.size() - tail_digits);
  return std::popcount(kinds) <= 2 || longest_run(digits, 1) >= counted_up || longest_run(digits, -1) >= counted_up ||
         longest_run(digits, 0) >= counted_up || tail == "000000" || tail == "123456";
}

/// A year of two digits is of a person who lives.
std::uint32_t whole_year(std::uint32_t year, std::size_t digits) {
  constexpr std::uint32_t last_of_this_century = 30;
  if (digits > 2) return year;
  return year + (year <= last_of_this_century ? 2000U : 1900U);
}

Birth birth_from(std::uint32_t year, std::uint32_t month, std::uint32_t day) {
  if (year < 1880 || year > 2100) return {};
  if (month > 12 && day <= 12) std::swap(month, day);
  const bool whole = month >= 1 && month <= 12 && day >= 1 && day <= 31;
  if (!whole) return {year * 10000 + 101, true};
  return {year * 10000 + month * 100 + day, month == 1 && day == 1};
}

}  // namespace

std::string name_words(std::string_view text) {
  std::string folded = sync::search_text(text.substr(0, 4 * name_octets_max));
  // The capital of Icelandic stands for Đ where the keyboard has no other.
  for (std::size_t at = folded.find("ð"); at != std::string::npos; at = folded.find("ð", at)) folded.replace(at, 2, "d");
  std::vector<std::string> words;
  std::string word;
  folded.push_back(' ');
  for (const char c : folded) {
    if (is_letter(c)) {
      word.push_back(c);
    } else if (!is_digit(c) && c != '\'' && !word.empty()) {
      words.push_back(folded_word(word));
      word.clear();
    }
  }
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view one = words[i];
    const bool before_last = i + 1 < words.size();
    if (one == "ng" && before_last) one = "nguien";
    if (one == "v" && i > 0 && before_last) one = "van";
    if (one == "t" && i > 0 && before_last) one = "thi";
    if (out.size() + one.size() + 1 > name_octets_max) break;
    if (!out.empty()) out.push_back(' ');
    out.append(one);
  }
  return out;
}

std::string id_digits(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, name_octets_max)) {
    if (is_digit(c)) out.push_back(c);
    else if (c == 'O' || c == 'o') out.push_back('0');
    else if (c != ' ' && c != '.' && c != '-' && c != '\'') return {};
  }
  const std::size_t count = out.size();
  if (count < card_digits - 1 || count > citizen_digits + 1) return {};
  if (count == card_digits - 1) out.insert(0, "0");
  if (count == citizen_digits - 2) out.insert(0, "00");
  // Each number of a citizen begins with that of a province, which are below 100.
  if (count == citizen_digits - 1 && out[0] != '0') out.insert(0, "0");
  return stands_for_none(out) ? std::string() : out;
}

Birth birth_of(std::string_view text) {
  struct Group {
    std::uint32_t value = 0;
    std::size_t digits = 0;
  };
  std::array<Group, 3> groups{};
  std::size_t count = 0;
  bool within = false;
  for (const char c : text) {
    if (!is_digit(c)) {
      within = false;
      if (c == 'T' && count == 3) break;
      continue;
    }
    if (!within && count == groups.size()) break;
    if (!within) ++count;
    within = true;
    Group& group = groups.at(count - 1);
    if (++group.digits > 8) return {};
    group.value = group.value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  const auto& [a, b, c] = groups;
  if (count == 1 && a.digits == 8) {
    const bool year_first = a.value / 10000 >= 1880 && a.value / 10000 <= 2100 && a.value / 100 % 100 <= 12;
    return year_first ? birth_from(a.value / 10000, a.value / 100 % 100, a.value % 100)
                      : birth_from(a.value % 10000, a.value / 10000 % 100, a.value / 1000000);
  }
  if (count == 1) return a.digits == 4 ? birth_from(a.value, 0, 0) : Birth();
  if (count == 2) return birth_from(a.digits == 4 ? a.value : b.value, 0, 0);
  if (count != 3) return {};
  return a.digits == 4 ? birth_from(a.value, b.value, c.value) : birth_from(whole_year(c.value, c.digits), b.value, a.value);
}

void Identity::write(Writer& to) const {
  to.u8(static_cast<std::uint8_t>(static_cast<unsigned>(kind) | (year_only ? 0x10U : 0U) | (id_number.empty() ? 0U : 0x20U) |
                                  (born != 0 ? 0x40U : 0U)));
  if (born != 0) to.u32(born);
  if (!id_number.empty()) {
    // A one before the digits keeps their zeros.
    std::uint64_t digits = 1;
    for (const char c : id_number) digits = digits * 10 + static_cast<std::uint64_t>(c - '0');
    to.varint(digits);
  }
  to.counted(view_of(name));
}

void Identity::read(Reader& from) {
  const unsigned first = from.u8();
  kind = static_cast<PersonKind>(first & 0x07U);
  year_only = (first & 0x10U) != 0;
  if ((first & 0x88U) != 0) from.refuse();
  if ((first & 0x40U) != 0) born = from.u32();
  if ((first & 0x20U) != 0) {
    id_number = std::to_string(from.varint());
    if (id_number[0] != '1' || id_number.size() < 2 || id_number.size() > citizen_digits + 2) from.refuse();
    id_number.erase(0, 1);
  }
  const ByteView words = from.counted(name_octets_max);
  name.assign(words.begin(), words.end());
}

}  // namespace khuoi::node
