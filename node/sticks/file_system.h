#pragma once

#include <span>

#include "node/sticks/disk_objects.h"
#include "node/sticks/mountinfo.h"
#include "sync/base/result.h"

namespace khuoi::mounts {

/// A file system on some disk of this machine, as udisks2 describes it.
struct FileSystem {
  std::string object;  ///< its path on the bus
  std::string device;  ///< /dev/sdb1, made fit to be shown
  std::string drive;   ///< the path of what it is on; partitions of a stick share it
  std::string type;    ///< vfat, ext4, ...
  std::string uuid;
  std::uint64_t number = 0;  ///< of the device, as in Mount
  std::uint64_t octets = 0;
  bool is_data = false;  ///< IdUsage: a file system, not part of a RAID or something encrypted
  bool read_only = false;
  bool hidden = false;                    ///< an administrator's rule says to leave it alone
  bool of_system = false;                 ///< built in, or its drive is in use by this machine itself
  bool pluggable = false;                 ///< removable, or on USB
  std::vector<std::string> mount_points;  ///< octets as they are

  /// Whether this is still what it was: a medium may have been exchanged for another in the same reader.
  [[nodiscard]] bool same_medium(const FileSystem& other) const {
    return object == other.object && uuid == other.uuid && octets == other.octets && number == other.number;
  }
};

/// In the order of their paths. A drive of which anything is mounted outside the places of sticks, or swapped to,
/// belongs to the machine with all its partitions: many a small box starts from a USB disk.
std::vector<FileSystem> file_systems_of(const DiskObjects& objects);

/// What is to be done about a file system.
struct Judgement {
  enum class What : std::uint8_t {
    leave,  ///< no stick: nobody is told
    mount,
    use,     ///< it is mounted as it should be already
    refuse,  ///< a stick that cannot be used as it is
  } what = What::leave;
  std::string point = {};    ///< use
  std::string reason = {};   ///< refuse: a word for the page
  std::string message = {};  ///< refuse: a sentence
  bool operator==(const Judgement&) const = default;
};
Judgement judge(const FileSystem& file_system, std::span<const Mount> mounts);

/// For Filesystem.Mount. Never a check or repair beforehand: a stick that needs one is for a person, on another
/// machine.
std::string mount_options(const FileSystem& file_system);

/// Whether what is mounted there is this file system, with all of nosuid, nodev and noexec, at a place of sticks: seen
/// with the kernel's eyes, since /etc/fstab and udisks2's own settings outrank what was asked for.
/// Errors: denied, with a sentence.
Result<void> check_mounted(const FileSystem& file_system, const std::string& point, std::span<const Mount> mounts);

/// Mounted by udisks2 for this user, so for the service itself in an earlier life: /media/USER/..., /run/media/USER/...
bool is_own_mount(std::string_view point, std::string_view user);

/// Where /dev/sdb1 is only called sdb1.
std::string short_name(const FileSystem& file_system);

}  // namespace khuoi::mounts
