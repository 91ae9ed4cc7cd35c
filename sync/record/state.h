#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace khuoi::sync {

/// The ten states of the one-stop system, numbered as its forms number them.
enum class State : std::uint8_t {
  fresh = 1,  ///< "new"
  accepted = 2,
  rejected = 3,
  processing = 4,
  needs_papers = 5,
  needs_payment = 6,
  withdrawn = 7,
  stopped = 8,
  resolved = 9,
  returned = 10,
};

/// The word on the command line: new, accepted, …, needs-papers, ….
std::string_view name_of(State state);
std::optional<State> state_named(std::string_view word);
std::optional<State> state_numbered(std::uint8_t number);

/// No further work is expected: rejected, withdrawn, stopped, returned.
bool is_closed(State state);
/// Whether a clerk may write this move. The fold never asks: what was written counts.
bool may_move(State from, State to);

}  // namespace khuoi::sync
