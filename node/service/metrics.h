#pragma once

#include <string>

#include "node/links/fiber.h"

namespace khuoi::node {

struct NodeFigures {
  sync::ReplicaStatus replica;
  sync::StoreUsage store;
  FiberServer::Figures fiber;
  Micros uptime{};
};

/// In the text form that Prometheus reads.
std::string metrics_text(const NodeFigures& figures);

}  // namespace khuoi::node
