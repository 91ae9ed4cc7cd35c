#include "node/engine/host_port.h"

namespace khuoi::node {

std::string HostPort::text() const {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

Result<HostPort> parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const Error wrong = fail(Errc::usage, "'" + std::string(text) + "' is no address: give HOST:PORT");
  if (colon == std::string_view::npos) return wrong;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return fail(Errc::usage, "'" + std::string(text) + "' is no address: write an IPv6 address as [ADDRESS]:PORT");
  }
  const bool digits = !port.empty() && port.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits || port.size() > 5 || std::stoul(std::string(port)) > 65535) {
    return fail(Errc::usage, "'" + std::string(port) + "' is no port: give a number up to 65535");
  }
  return HostPort{std::string(host), std::string(port)};
}

}  // namespace khuoi::node
