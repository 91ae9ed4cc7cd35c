#pragma once

#include <filesystem>

namespace khuoi::tests {

/// The project's root, absolute.
std::filesystem::path source_root();

/// tests/data, absolute.
std::filesystem::path test_data();

}  // namespace khuoi::tests
