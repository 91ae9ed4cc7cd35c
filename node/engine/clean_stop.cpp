#include "node/engine/clean_stop.h"

#include <fstream>
#include <string>

namespace khuoi::node {

namespace {

std::filesystem::path note_of(const std::filesystem::path& dir) { return dir / "clean"; }

/// Empty where the kernel does not tell; then every start walks.
std::string boot_id() {
  std::ifstream from("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(from, id);
  return id;
}

}  // namespace

bool was_stopped_cleanly(const std::filesystem::path& dir) {
  std::ifstream from(note_of(dir));
  std::string noted;
  return std::getline(from, noted) && !noted.empty() && noted == boot_id();
}

void note_clean_stop(const std::filesystem::path& dir) { std::ofstream(note_of(dir)) << boot_id() << '\n'; }

void forget_clean_stop(const std::filesystem::path& dir) {
  std::error_code ignored;
  std::filesystem::remove(note_of(dir), ignored);
}

}  // namespace khuoi::node
