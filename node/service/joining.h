#pragma once

#include <optional>
#include <string>
#include <vector>

#include "node/service/engine.h"

namespace khuoi::node {

/// What a grant says, before anybody took it.
struct Invitation {
  std::string commune;
  std::string fingerprint;  ///< of the commune's authority, 30 digits
};

/// A grant as files and sticks carry it. Errors: malformed, denied (not for this box).
Result<Invitation> read_grant(Engine& engine, ByteView armoured);

/// Takes a grant; what was written before goes to the commune as soon as these keys, or the next unlock, open it. With
/// keys that open everything a way back in for a lost phrase is made too. Gives the commune's name.
/// Errors: malformed, denied (not for this box; already in another commune).
Result<std::string> take_grant(Engine& engine, const std::vector<sync::LockKey>& keys, ByteView armoured);

/// The grant that a stick brought into DIR/papers, if there is one for this box.
Result<std::optional<Bytes>> grant_from_stick(const Engine& engine);

}  // namespace khuoi::node
