#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace khuoi::mounts {

/// What udisks2 tells of the disks, by object path, interface and property, in the shapes that matter here: numbers
/// that are not 64 bits wide, floats and further nestings are left out. Octet strings (ay, aay) lose their closing NUL.
using DiskValue = std::variant<bool, std::uint64_t, std::string, std::vector<std::string>>;
using DiskProperties = std::map<std::string, DiskValue>;
using DiskInterfaces = std::map<std::string, DiskProperties>;
using DiskObjects = std::map<std::string, DiskInterfaces>;

inline constexpr const char* block_interface = "org.freedesktop.UDisks2.Block";
inline constexpr const char* drive_interface = "org.freedesktop.UDisks2.Drive";
inline constexpr const char* file_system_interface = "org.freedesktop.UDisks2.Filesystem";
inline constexpr const char* swap_interface = "org.freedesktop.UDisks2.Swapspace";

}  // namespace khuoi::mounts
