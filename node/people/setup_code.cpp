#include "node/people/setup_code.h"

#include <algorithm>

#include "node/web_server/guard.h"

namespace khuoi::people {

namespace {

constexpr std::uint64_t code_wait_seconds_max = 900;
constexpr std::uint64_t code_doublings_max = 10;
constexpr const char* everybody_else = "";  // an address is never empty

sync::Secret draw(Rng& rng) {
  sync::Secret out(setup_code_digits);
  for (std::uint8_t& digit : out.writable()) digit = static_cast<std::uint8_t>('0' + rng.below(10));
  return out;
}

std::string without_gaps(std::string_view typed) {
  std::string out;
  std::ranges::copy_if(typed, std::back_inserter(out), [](char c) { return c != ' ' && c != '-'; });
  return out;
}

}  // namespace

SetupCode::SetupCode(Rng& rng) : digits_(draw(rng)) {}

std::string SetupCode::text() const {
  const std::string_view digits = text_of(digits_.view());
  return std::string(digits.substr(0, 4)) + " " + std::string(digits.substr(4));
}

SetupCode::Answer SetupCode::check(std::string_view typed, const std::string& from, Instant now) {
  if (wrong_ >= setup_code_tries_max) return {Verdict::closed, 0};
  const bool room = by_address_.contains(from) || by_address_.size() < setup_code_addresses_max;
  Tries& tries = by_address_[room ? from : std::string(everybody_else)];
  if (now < tries.next) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(tries.next - now).count();
    return {Verdict::wait, static_cast<std::uint64_t>(left)};
  }
  if (http::same_secret(without_gaps(typed), text_of(digits_.view()))) return {Verdict::right, 0};
  ++wrong_;
  const std::uint64_t seconds =
      std::min(code_wait_seconds_max, std::uint64_t{1} << std::min(tries.wrong++, code_doublings_max));
  tries.next = now + std::chrono::seconds(seconds);
  return {Verdict::wrong, 0};
}

}  // namespace khuoi::people
