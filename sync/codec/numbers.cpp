#include "sync/codec/numbers.h"

#include <algorithm>

#include "sync/codec/letters.h"
#include "sync/codec/value_tokens.h"

namespace khuoi::sync {
namespace {

constexpr std::size_t id_digits_min = 9;
constexpr std::size_t spaced_run_max = 6;  // more stand after the point of a coordinate
constexpr std::size_t fraction_digits_kept_max = 2;

/// Runs of digits in a text, and how many digits the longest chain of runs has: one `/`, `-` or `.` stands between them,
/// as in a date.
struct DigitRuns {
  std::size_t runs = 0;
  std::size_t chain = 0;
};
DigitRuns digit_runs(std::string_view text) {
  DigitRuns out;
  std::size_t chain = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end == at) {
      ++at;
      chain = 0;
      continue;
    }
    ++out.runs;
    chain += end - at;
    out.chain = std::max(out.chain, chain);
    const bool goes_on = end < text.size() && (text[end] == '/' || text[end] == '-' || text[end] == '.');
    at = end + (goes_on ? 1 : 0);
  }
  return out;
}

std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - at;
}

}  // namespace

bool has_words(std::string_view text) {
  while (!text.empty()) {
    const Token token = token_at(text, false);
    if (token.kind == Token::Kind::word && token.text.size() > 2) return true;
    text.remove_prefix(token.text.size());
  }
  return false;
}

bool numbers_may_stay(std::string_view text) {
  const DigitRuns digits = digit_runs(text);
  if (digits.chain > digits_kept_max || (digits.runs > 1 && !has_words(text))) return false;
  if (!long_numbers(text).empty()) return false;
  while (!text.empty()) {
    const Token token = token_at(text, false);
    if (token.kind == Token::Kind::uuid || token.kind == Token::Kind::hex) return false;
    text.remove_prefix(token.text.size());
  }
  return true;
}

std::size_t digits_kept_at(std::string_view text, std::size_t offset, std::span<const LongNumber> numbers) {
  for (const LongNumber& number : numbers) {
    if (offset > number.offset && offset < number.offset + number.octets) return 0;
  }
  const bool fraction = offset > 1 && text[offset - 1] == '.' && is_digit(text[offset - 2]);
  return fraction ? fraction_digits_kept_max : digits_kept_max;
}

std::vector<LongNumber> long_numbers(std::string_view text) {
  std::vector<LongNumber> out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t run = digits_at(text, at);
    if (run == 0) {
      ++at;
      continue;
    }
    LongNumber number{at, run, std::string(text.substr(at, run))};
    const std::size_t end = at + run;
    const char between = end < text.size() ? text[end] : '\0';
    const bool may_go_on = run <= spaced_run_max && (between == ' ' || between == '.' || between == '-');
    for (std::size_t next = end; may_go_on && next < text.size() && text[next] == between;) {
      run = digits_at(text, next + 1);
      if (run == 0 || run > spaced_run_max) break;
      number.digits.append(text.substr(next + 1, run));
      next += 1 + run;
      number.octets = next - at;
    }
    if (number.digits.size() >= id_digits_min) {
      at += number.octets;
      out.push_back(std::move(number));
    } else {
      at = end;
    }
  }
  return out;
}

}  // namespace khuoi::sync
