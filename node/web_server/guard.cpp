#include "node/web_server/guard.h"

#include <arpa/inet.h>
#include <sodium.h>

#include <algorithm>

namespace khuoi::http {

namespace {

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool is_our_host(std::string_view host, const std::vector<std::string>& names) {
  std::string name = lowered(host);
  // inet_pton below reads up to a zero octet: nothing may stand behind one.
  if (name.find('\0') != std::string::npos) return false;
  const bool bracketed = name.starts_with('[');
  const std::size_t colon = bracketed ? name.find("]:") : name.rfind(':');
  if (colon != std::string::npos) {
    const std::size_t port = colon + (bracketed ? 2 : 1);
    if (!is_port(std::string_view(name).substr(port))) return false;
    name.resize(bracketed ? colon + 1 : colon);
  }
  in6_addr parsed{};
  if (bracketed) {
    if (name.size() < 4 || name.back() != ']') return false;
    const std::string address = name.substr(1, name.size() - 2);
    return inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
  }
  if (inet_pton(AF_INET, name.c_str(), &parsed) == 1) return true;
  if (name == "localhost" || name == "khuoi.local") return true;
  return std::ranges::any_of(names, [&](const std::string& own) { return lowered(own) == name; });
}

bool is_our_origin(std::string_view origin, std::string_view host) {
  const std::string given = lowered(origin);
  const std::string own = lowered(host);
  return given == "http://" + own || given == "https://" + own;
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace khuoi::http
