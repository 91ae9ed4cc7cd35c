#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace khuoi::node {

// One logfmt line an event, to stderr: `level=info event=peer_up peer=3fa2 ms=940`. Never keys, plaintext or payloads.
// Any thread.
using LogFields = std::initializer_list<std::pair<std::string_view, std::string>>;
void log_info(std::string_view event, LogFields fields = {});
void log_warning(std::string_view event, LogFields fields = {});
void log_error(std::string_view event, LogFields fields = {});

}  // namespace khuoi::node
