#pragma once

#include <map>
#include <string>

#include "node/links/link.h"
#include "sync/replica/replica.h"

namespace khuoi::node {

struct NodeFigures {
  sync::ReplicaStatus replica;
  sync::StoreUsage store;
  LinkList links;
  Micros uptime{};
  Micros longest_turn{};  ///< Engine::longest_turn
  std::map<unsigned, std::uint64_t> http_refused;  ///< requests, by the status they were refused with
};

/// In the text form that Prometheus reads. A figure of a link is `khuoi_KIND_NAME`, a counter with `_total` behind;
/// where several links of a kind have it, each has the label `link`, its name. Each link that was asked for has
/// `khuoi_link_up`.
std::string metrics_text(const NodeFigures& figures);

}  // namespace khuoi::node
