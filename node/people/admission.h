#pragma once

#include "node/people/viewer.h"
#include "node/web_server/router.h"

namespace khuoi::people {

/// For a site's `admit`: the request goes on as that viewer's, unless they may not use the route, or the pages (no route):
/// asked are the token of their session for what writes, a phrase of their own, and what the route's `access` says. The
/// one place that refuses; gives the refusal.
std::optional<http::Response> admit(Viewer who, http::Request& request, const http::Route* route);

}  // namespace khuoi::people
