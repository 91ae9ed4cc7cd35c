#pragma once

#include "node/sticks/file_system.h"
#include "node/sticks/stick_news.h"

namespace khuoi::mounts {

/// How a stick with several file systems fared, from how each did: what went wrong while syncing outranks `safe`, which
/// outranks what could not be used at all.
node::StickNews joined(node::StickNews one, node::StickNews other);

/// A word for the page, from why udisks2 did not mount.
std::string reason_of_mounting(Errc code);
/// A sentence. `user`: who asked.
std::string why_not_mounted(const FileSystem& file_system, const std::string& user, const Error& error);

}  // namespace khuoi::mounts
