#pragma once

#include "node/control/caller.h"
#include "node/control/request.h"

namespace khuoi::node {

/// Has the service of the request's data folder carry it out, being its hands here: files, terminal, passphrase. Gives
/// the exit code. Errors: not_found when no service answers; closed when it went away meanwhile; unsupported (another
/// version); denied.
Result<int> ask_service(const Request& request, Caller& caller);

/// Whether a service answers at this data folder.
bool service_answers(const std::string& data);

/// DIR/run/control.sock.
std::string control_socket_of(const std::string& data);

}  // namespace khuoi::node
