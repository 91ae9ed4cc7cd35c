#pragma once

#include <functional>
#include <memory>

#include "node/counter/counter.h"
#include "node/links/fiber/fiber.h"

namespace khuoi::http {

/// A counter with every route that a node answers: its own, those of phones and those of machines. `fiber`: of the server
/// that takes contacts; any thread. Errors: what Counter::make says.
Result<std::shared_ptr<Counter>> make_whole_counter(Surroundings surroundings,
                                                    std::function<node::FiberServer::Figures()> fiber);

}  // namespace khuoi::http
