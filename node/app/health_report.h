#pragma once

#include "node/engine/engine.h"

namespace khuoi::node {

/// Once a day a hamlet tells its commune how it fares: for the service, which asks now and then. Returns at once.
void tell_health(Engine& engine);

}  // namespace khuoi::node
