#pragma once

#include "node/links/link_event.h"

namespace khuoi::node {

/// One line of what happened to a link. Any thread.
void log_link(const LinkEvent& event);

}  // namespace khuoi::node
