#pragma once

#include "node/links/fiber/fiber_connection.h"

namespace khuoi::node {

/// What a node dials with: its certificate, and its commune's key as the pin. Errors: denied (no commune yet, or it is
/// one itself).
Result<std::shared_ptr<TlsContext>> dialling_context(Engine& engine);

/// A connected socket, by the first address of the name that answers. Errors: closed.
boost::asio::awaitable<Result<boost::asio::ip::tcp::socket>> dial(const HostPort& to,
                                                                  std::chrono::milliseconds patience);

}  // namespace khuoi::node
