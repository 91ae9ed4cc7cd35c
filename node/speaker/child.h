#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "sync/base/result.h"

namespace khuoi::speaker {

/// A program to run: never through a shell. Found by PATH when its name has no slash.
struct Child {
  std::vector<std::string> arguments;  ///< the program first
  std::string input;                   ///< what it reads from its standard input
  std::chrono::milliseconds patience{0};
};
enum class Ended : std::uint8_t { by_itself, given_up };

/// Runs it to its end and reaps it, and whatever it started in its process group. It inherits nothing: no open files, and
/// of the environment only what finds programs and sound devices. `give_up` is asked ten times a second; once it says
/// yes, or after its patience, the whole group is killed. Blocks; any thread.
/// Errors: not_found (no such program), io (it failed; with the last line of what it said), closed (over its patience).
Result<Ended> run_child(const Child& child, const std::function<bool()>& give_up = {});

}  // namespace khuoi::speaker
