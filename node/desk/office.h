#pragma once

#include <boost/json.hpp>
#include <map>
#include <string>

#include "node/acts/capabilities.h"
#include "node/engine/engine.h"

namespace khuoi::desk {

/// What a commune knows of itself and its hamlets, for its pages. All errors are the store's.
struct Office {
  static Result<std::map<HamletId, std::string>> hamlets(node::Engine& engine);
  /// By id, the title of the newest version: of the domains that are read.
  static Result<std::map<std::string, std::string>> forms(node::Engine& engine, node::Capabilities may);
  /// {silent, backup, waiting}, as API.md says.
  static Result<boost::json::object> today(node::Engine& engine);
};

}  // namespace khuoi::desk
