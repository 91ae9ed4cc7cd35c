#pragma once

#include <memory>

#include "node/counter/counter.h"

namespace khuoi::http {

/// A counter with every route that a node answers: its own, those of phones and those of machines. Errors: what
/// Counter::make says.
Result<std::shared_ptr<Counter>> make_whole_counter(Surroundings surroundings);

}  // namespace khuoi::http
