#pragma once

#include <toml++/toml.h>

#include <filesystem>

#include "sync/base/result.h"

namespace khuoi::node {

/// DIR/config.toml as a table; an empty one where there is no such file.
/// Errors: malformed, with the line; too_large; io.
Result<toml::table> read_config_file(const std::filesystem::path& data);

/// The table of that name; nullptr where there is none. Errors: usage, where the name stands for something else.
Result<const toml::table*> config_table(const std::filesystem::path& data, const toml::table& file,
                                        std::string_view name);

/// usage: "DIR/config.toml, line N: [table] what"
Error wrong_config(const std::filesystem::path& data, const toml::node& where, std::string_view table,
                   std::string_view what);

}  // namespace khuoi::node
