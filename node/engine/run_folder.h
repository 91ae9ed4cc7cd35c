#pragma once

#include <filesystem>
#include <string>

#include "sync/base/result.h"

namespace khuoi::node {

/// Makes DIR/run, for this user alone, and DIR where it is missing. Errors: disk_full, read_only, io.
Result<void> make_run_folder(const std::filesystem::path& run);
/// Whole or not at all: somebody waits for the file and reads it at once. Errors: as above.
Result<void> write_note(const std::filesystem::path& file, const std::string& text);
/// On a full disk the service starts without it, and logs so: a stick can still be let out, and the page answers.
Result<void> unless_full(Result<void> done, const char* what);

}  // namespace khuoi::node
