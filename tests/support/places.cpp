#include "tests/support/places.h"

namespace khuoi::tests {

std::filesystem::path source_root() { return KHUOI_SOURCE_DIR; }
std::filesystem::path test_data() { return source_root() / "tests/data"; }

}  // namespace khuoi::tests
