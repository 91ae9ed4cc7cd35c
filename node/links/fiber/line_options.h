#pragma once

namespace khuoi::node {

/// A line that went dead while nothing was said is noticed within a minute. While something is under way the stall limit
/// does it: TCP_USER_TIMEOUT would, too, but it also ends a link whose peer reads slowly (seen at 30 kbit/s).
void set_line_options(int socket);

}  // namespace khuoi::node
