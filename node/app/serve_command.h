#pragma once

#include <vector>

#include "node/cli/command.h"

namespace khuoi::node {

/// `serve`, for all_commands().
std::vector<Command> serve_commands();

}  // namespace khuoi::node
