#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "node/cli/command.h"

namespace khuoi::node {

/// The names that are most like what was typed, the likest first, at most three; none when nothing is like it.
std::vector<std::string> near_names(std::string_view typed, std::span<const std::string_view> names);

/// One sentence when the words of a command line name none of these commands; nothing when they do, or begin with an
/// option.
std::optional<std::string> unknown_command(std::span<const Command> commands, std::span<const std::string_view> words);

}  // namespace khuoi::node
