#include "node/speaker/number_words.h"

#include <array>
#include <vector>

namespace khuoi::speaker {

namespace {

constexpr std::array<std::string_view, 10> digit_names = {"không", "một", "hai", "ba",  "bốn",
                                                          "năm",   "sáu", "bảy", "tám", "chín"};
/// Of each group of three digits, from the right.
constexpr std::array<std::string_view, 7> group_names = {"", " nghìn", " triệu", " tỷ", " nghìn tỷ", " triệu tỷ", " tỷ tỷ"};

std::string name(std::uint64_t digit) { return std::string(digit_names.at(digit)); }

std::string below_hundred(std::uint64_t number) {
  const std::uint64_t tens = number / 10, ones = number % 10;
  std::string out = tens == 1 ? "mười" : name(tens) + " mươi";
  if (ones == 0) return out;
  const bool one = ones == 1 && tens > 1, four = ones == 4 && tens > 1;
  return out + " " + (one ? "mốt" : four ? "tư" : ones == 5 ? "lăm" : name(ones));
}

/// `whole`: something stands before this group, so that its zeros are said.
std::string group_words(std::uint64_t group, bool whole) {
  const std::uint64_t hundreds = group / 100, rest = group % 100;
  std::string out = hundreds > 0 || whole ? name(hundreds) + " trăm" : "";
  if (rest == 0) return out;
  if (!out.empty()) out += rest < 10 ? " linh " : " ";
  return out + (rest < 10 ? name(rest) : below_hundred(rest));
}

}  // namespace

std::string integer_words(std::uint64_t number) {
  if (number == 0) return name(0);
  std::vector<std::uint64_t> groups;
  for (; number > 0; number /= 1000) groups.push_back(number % 1000);
  std::string out;
  for (std::size_t i = groups.size(); i-- > 0;) {
    if (groups[i] == 0) continue;
    if (!out.empty()) out += " ";
    out += group_words(groups[i], i + 1 < groups.size());
    out += group_names.at(i);
  }
  return out;
}

std::string digit_words(std::string_view digits) {
  std::string clean;
  for (const char c : digits) {
    if (c >= '0' && c <= '9') clean += c;
  }
  std::string out;
  for (std::size_t i = 0; i < clean.size(); ++i) {
    // 0912 345 678: what is over three stands in the first group.
    const std::size_t left = clean.size() - i;
    if (i > 0) out += left % 3 == 0 && i >= 3 ? ", " : " ";
    out += name(static_cast<std::uint64_t>(clean[i] - '0'));
  }
  return out;
}

std::string ordinal_words(std::uint64_t number, bool first_is_nhat) {
  if (number == 1 && first_is_nhat) return "nhất";
  return number == 4 ? "tư" : integer_words(number);
}

std::string fraction_words(std::string_view digits) {
  const bool as_number = digits.size() <= 2 && digits.front() != '0';
  if (as_number) return integer_words(std::stoull(std::string(digits)));
  std::string out;
  for (const char c : digits) out += (out.empty() ? "" : " ") + name(static_cast<std::uint64_t>(c - '0'));
  return out;
}

std::uint64_t roman_value(std::string_view letters) {
  struct Step {
    std::uint64_t value;
    std::string_view letters;
  };
  constexpr std::array<Step, 13> steps = {{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"},
                                           {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}}};
  std::uint64_t out = 0;
  std::string_view left = letters;
  for (const Step& step : steps) {
    while (left.starts_with(step.letters)) {
      out += step.value;
      left.remove_prefix(step.letters.size());
    }
  }
  if (!left.empty() || out == 0 || out > 3999) return 0;
  std::string correct;
  std::uint64_t rest = out;
  for (const Step& step : steps) {
    for (; rest >= step.value; rest -= step.value) correct += step.letters;
  }
  return correct == letters ? out : 0;
}

}  // namespace khuoi::speaker
