#pragma once

#include <span>
#include <variant>

#include "node/cli/command.h"

namespace khuoi::node {

/// What the arguments mean: one of these commands to carry out, or an exit code, once help or a usage error was printed.
struct Parsed {
  const Command* command = nullptr;  ///< one of those given
  Request request;
};
std::variant<Parsed, ExitCode> parse_arguments(std::span<const Command> commands, int count, char** arguments);

}  // namespace khuoi::node
