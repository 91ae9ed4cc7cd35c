#pragma once

#include <string>
#include <string_view>

#include "sync/base/result.h"

namespace khuoi::node {

/// Where a peer listens, or this node shall.
struct HostPort {
  std::string host;
  std::string port;
  [[nodiscard]] std::string text() const;
};
/// `name:port`, `1.2.3.4:port`, `[v6]:port` or `:port` (every address). Errors: usage.
Result<HostPort> parse_host_port(std::string_view text);

}  // namespace khuoi::node
