#pragma once

#include "node/acts/staged_files.h"
#include "node/cli/command.h"

namespace khuoi::node {

/// A file that the caller named, read with the caller's rights; progress is shown while it is stored. Borrows the task.
/// Errors of its intake: usage (a path that names no file), too_large past 2 GiB, closed (the caller is gone), the
/// caller's.
FileSource given_file(Task& task, const std::string& path);
std::vector<FileSource> given_files(Task& task, const std::vector<std::string>& paths);

}  // namespace khuoi::node
