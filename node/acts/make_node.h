#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "sync/replica/replica.h"

namespace khuoi::node {

struct NewNode {
  sync::Role role = sync::Role::hamlet;
  std::string name;    ///< as people say it
  std::string person;  ///< whose phrase it is
  sync::Keyring::Health health = sync::Keyring::Health::open;
  std::string health_worker;   ///< has a phrase of their own, and nobody else's opens health; empty: none
  sync::Secret health_phrase;  ///< theirs
};

/// A data folder that holds no node may become one when it is missing, empty, or holds only what an `init` that was cut
/// short left. Errors: exists (other files), io.
Result<void> may_become_node(const std::filesystem::path& dir);

/// Makes a node in a data folder, which is made too, private to its user. The phrase is asked for only once nothing
/// else stands in the way. Errors: usage (a name), exists, busy, what the phrase and the store say.
Result<void> make_node(const std::filesystem::path& dir, const NewNode& wish,
                       const std::function<Result<sync::Secret>()>& phrase);

}  // namespace khuoi::node
