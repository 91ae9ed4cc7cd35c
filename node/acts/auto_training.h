#pragma once

#include "node/engine/engine.h"

namespace khuoi::node {

/// At a commune: new dictionaries for the forms whose records would become smaller by a tenth, once a few dossiers have
/// come since it last looked. Learning takes a second or so and keeps nobody waiting. Gives for how many forms. For any
/// thread that may wait; at a hamlet nothing happens. Errors: closed once `stop` said true; what the engine says.
Result<std::size_t> train_when_due(Engine& engine, const sync::StopAsked& stop = {});
/// The same, due or not. Errors also: denied (at a hamlet).
Result<std::size_t> train_now(Engine& engine, sync::Training training, const sync::StopAsked& stop);

}  // namespace khuoi::node
