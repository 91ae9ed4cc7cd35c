#include "sync/record/state.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace khuoi::sync {

namespace {
constexpr std::array<std::string_view, 10> names{"new",           "accepted",  "rejected", "processing", "needs-papers",
                                                 "needs-payment", "withdrawn", "stopped",  "resolved",   "returned"};
constexpr std::uint8_t number_of(State state) { return static_cast<std::uint8_t>(state); }
}  // namespace

std::string_view name_of(State state) {
  const std::size_t at = std::size_t{number_of(state)} - 1;
  return at < names.size() ? names[at] : "unknown";
}

std::optional<State> state_named(std::string_view word) {
  const auto* const found = std::ranges::find(names, word);
  if (found == names.end()) return std::nullopt;
  return static_cast<State>(found - names.begin() + 1);
}

std::optional<State> state_numbered(std::uint8_t number) {
  if (number < 1 || number > names.size()) return std::nullopt;
  return static_cast<State>(number);
}

bool is_closed(State state) {
  return state == State::rejected || state == State::withdrawn || state == State::stopped || state == State::returned;
}

bool may_move(State from, State to) {
  if (to == State::withdrawn || to == State::stopped) return !is_closed(from);
  const auto one_of = [to](std::initializer_list<State> allowed) {
    return std::ranges::find(allowed, to) != allowed.end();
  };
  switch (from) {
    case State::fresh:
      return one_of({State::accepted, State::rejected, State::needs_papers});
    case State::accepted:
      return one_of({State::processing, State::needs_papers, State::needs_payment});
    case State::processing:
      return one_of({State::needs_papers, State::needs_payment, State::resolved});
    case State::needs_papers:
      return one_of({State::accepted, State::processing, State::rejected});
    case State::needs_payment:
      return one_of({State::processing, State::resolved});
    case State::resolved:
      return to == State::returned;
    default:
      return false;
  }
}

}  // namespace khuoi::sync
