#pragma once

#include "node/engine/engine.h"

namespace khuoi::node {

/// Whether this node is a commune's; else it is a hamlet's.
Result<bool> at_commune(Engine& engine);

}  // namespace khuoi::node
