#pragma once

#include <filesystem>

namespace khuoi::node {

// LMDB's pages have no checksums, so a store is walked once after a stop that was not clean. The note that one was
// clean holds the number of the machine's boot: after a power cut no note counts, whatever reached the disk, and so
// nothing here needs a sync.

bool was_stopped_cleanly(const std::filesystem::path& dir);
void note_clean_stop(const std::filesystem::path& dir);
void forget_clean_stop(const std::filesystem::path& dir);

}  // namespace khuoi::node
