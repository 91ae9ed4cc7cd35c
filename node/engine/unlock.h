#pragma once

#include <string>
#include <vector>

#include "node/engine/engine.h"

namespace khuoi::node {

/// A slot that a phrase opened.
struct OpenedSlot {
  std::string person;
  std::vector<sync::LockKey> keys;
};

/// Opens the first slot this phrase fits, of `person` or, without a name, of anybody. Runs Argon2id in a child; the
/// engine is free meanwhile. Errors: denied (a wrong phrase), not_found (no such person).
Result<OpenedSlot> open_slot(Engine& engine, const std::string& person, const sync::Secret& phrase);
/// Its keys alone.
Result<std::vector<sync::LockKey>> open_slots(Engine& engine, const std::string& person, const sync::Secret& phrase);

}  // namespace khuoi::node
