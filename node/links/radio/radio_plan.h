#pragma once

#include "node/engine/radio_settings.h"
#include "node/links/radio/radio_link.h"

namespace khuoi::node {

/// What `--radio TEXT` asks for at this node: a modem of any kind, with the settings of DIR/config.toml.
/// Errors: usage, with the key and what is allowed; malformed; io.
Result<RadioPlan> plan_radio(const std::filesystem::path& data, std::string_view text, AirShare share);

}  // namespace khuoi::node
