#pragma once

#include <functional>

#include "node/counter/counter.h"
#include "node/links/fiber/fiber.h"

namespace khuoi::http {

/// /healthz and /metrics. `fiber`: of the server that takes contacts. Any thread.
void add_machine_routes(Counter& counter, std::function<node::FiberServer::Figures()> fiber);

}  // namespace khuoi::http
