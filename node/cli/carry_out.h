#pragma once

#include "node/cli/command.h"

namespace khuoi::node {

/// Carries a command out: here, when nobody else writes to the data folder; else through the service that does. Waits a
/// while for another command to end. Errors are told on stderr.
ExitCode carry_out(const Command& command, const Request& request);

/// Runs a command over an engine and tells its caller of an error. The service does just this, too.
ExitCode run_command(const Command& command, Task& task);

}  // namespace khuoi::node
