#pragma once

#include <boost/json.hpp>

#include "sync/replica/replica.h"

namespace khuoi::node {

/// The keys that design.md fixes for `stick sync --json` and `contact --json`.
boost::json::object json_of(const sync::Counts& counts);
/// One line for people.
std::string counts_text(const sync::Counts& counts);

}  // namespace khuoi::node
