#pragma once

#include "node/engine/engine.h"

namespace khuoi::node {

/// A hamlet by its id, or by the name or id of a box of its own. Errors: not_found; usage when several fit.
Result<HamletId> hamlet_named(const sync::Roster& roster, const std::string& text);
/// A box by its id or name; one in force before a revoked one. Errors: as above.
Result<const sync::NodeFacts*> box_named(const sync::Roster& roster, const std::string& text);
/// "all" or nothing gives an empty list; else names or ids parted by commas.
Result<std::vector<HamletId>> hamlets_named(const sync::Roster& roster, const std::string& text);
/// The same for what only a commune does. Errors: denied, with this sentence, at a hamlet; as above.
Result<std::vector<HamletId>> hamlets_of_commune(Engine& engine, const std::string& text, std::string_view refusal);

}  // namespace khuoi::node
