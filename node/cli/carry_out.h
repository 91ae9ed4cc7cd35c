#pragma once

#include "node/cli/command.h"

namespace khuoi::node {

/// Carries a command out: here, when nobody else writes to the data folder; else through the service that does. Waits a
/// while for another command to end. Errors are told on stderr.
ExitCode carry_out(const Command& command, const Request& request);

/// What a service does with a request from its control socket: runs the command over its engine and tells the caller of an
/// error. Errors: unsupported (there is no such command, or none for a service).
Result<ExitCode> carry_out_in_service(Engine& engine, const Lent& lent, const Request& request, Caller& caller);

}  // namespace khuoi::node
