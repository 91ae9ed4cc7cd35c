#pragma once

#include <string>

#include "node/links/fiber/fiber.h"

namespace khuoi::node {

struct NodeFigures {
  sync::ReplicaStatus replica;
  sync::StoreUsage store;
  FiberServer::Figures fiber;
  Micros uptime{};
  std::map<unsigned, std::uint64_t> http_refused;  ///< requests, by the status they were refused with
};

/// In the text form that Prometheus reads.
std::string metrics_text(const NodeFigures& figures);

}  // namespace khuoi::node
