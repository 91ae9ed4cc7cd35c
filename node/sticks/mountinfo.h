#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace khuoi::mounts {

/// A line of /proc/self/mountinfo (man 5 proc): what is mounted where, as this process sees it.
struct Mount {
  std::string point;         ///< octets as they are, escapes undone
  std::uint64_t device = 0;  ///< as makedev(3) and st_dev have it
  std::string type;
  bool nosuid = false, nodev = false, noexec = false;
  bool read_only = false;  ///< this mount, or the file system below it
};

/// Lines that are none are passed over.
std::vector<Mount> parse_mountinfo(std::string_view text);
/// Of this process, now. Nothing when /proc cannot be read: then nothing is known to be safe.
std::vector<Mount> read_mountinfo();
/// What is seen at that folder: the last that was mounted there.
std::optional<Mount> mounted_at(std::span<const Mount> mounts, std::string_view point);
/// Of nosuid, nodev and noexec, those it lacks: "nosuid and noexec"; empty when it has all three.
std::string lacking_flags(const Mount& mount);

/// Below /media, /run/media or /mnt, where systems mount what people plug in; not by way of "..".
bool is_place_of_sticks(std::string_view path);

}  // namespace khuoi::mounts
