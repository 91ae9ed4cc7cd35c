#pragma once

#include "node/counter/counter.h"

namespace khuoi::desk {

/// A commune's site: its own pages, who it is, and its stick, for whoever brought it waits until it may be pulled. A page
/// that comes to the desk brings a route group of this folder.
http::SitePlan desk_site();

}  // namespace khuoi::desk
