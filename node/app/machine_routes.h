#pragma once

#include "node/counter/counter.h"

namespace khuoi::http {

/// /healthz and /metrics.
void add_machine_routes(Counter& counter);

}  // namespace khuoi::http
