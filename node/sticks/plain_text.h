#pragma once

#include <string>
#include <string_view>

namespace khuoi::mounts {

/// Text that a stick's label may stand in, fit for pages and logs: what is no UTF-8, steers a terminal or turns the
/// direction of writing becomes '?'; cut after `octets_max`, between two letters.
std::string plain_text(std::string_view text, std::size_t octets_max = 300);

}  // namespace khuoi::mounts
