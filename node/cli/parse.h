#pragma once

#include <variant>

#include "node/cli/command.h"

namespace khuoi::node {

/// What the arguments mean: a command to carry out, or an exit code, once help or a usage error was printed.
struct Parsed {
  const Command* command = nullptr;
  Request request;
};
std::variant<Parsed, ExitCode> parse_arguments(int count, char** arguments);

}  // namespace khuoi::node
