#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace khuoi::http {

/// A name that some other site could have pointed here (DNS rebinding) is nobody's: addresses, localhost, khuoi.local
/// and the names given with --http-host are ours, with or without a port. Compared without case.
bool is_our_host(std::string_view host, const std::vector<std::string>& names);

/// Whether an Origin header names the site that the Host header does: "http://" or "https://", then exactly that.
bool is_our_origin(std::string_view origin, std::string_view host);

/// Without telling by its duration how much of it is right.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace khuoi::http
