#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sync/contact/courier.h"

namespace khuoi::node {

/// What of joining came on a stick, put into files for a person, who decides: at a commune requests, as
/// DIR/papers/<node>.request; at a hamlet without a commune invitations, as DIR/papers/<commune>.grant. Whoever finds a
/// stick can put such papers on it, so nothing is accepted by itself. Adds a sentence each to `notes`.
Result<void> note_papers(sync::Replica& replica, const sync::Courier& courier, const std::filesystem::path& dir,
                         std::vector<std::string>& notes);

}  // namespace khuoi::node
