#include "node/sticks/file_system.h"

#include <algorithm>
#include <array>
#include <set>

#include "node/sticks/plain_text.h"

namespace khuoi::mounts {

namespace {

/// What sticks have, and udisks2 mounts with settings of its own; the kernel's other drivers are not for strangers'
/// media.
constexpr std::array<std::string_view, 6> accepted_types = {"vfat", "exfat", "ntfs", "ext2", "ext3", "ext4"};
constexpr std::size_t device_octets_max = 80;

template <typename T>
T value_of(const DiskProperties& properties, const char* name) {
  const auto at = properties.find(name);
  const T* value = at == properties.end() ? nullptr : std::get_if<T>(&at->second);
  return value == nullptr ? T() : *value;
}

const DiskProperties* find(const DiskObjects& objects, const std::string& object, const char* interface) {
  const auto at = objects.find(object);
  if (at == objects.end()) return nullptr;
  const auto has = at->second.find(interface);
  return has == at->second.end() ? nullptr : &has->second;
}

bool is_pluggable(const DiskProperties& drive) {
  return !value_of<bool>(drive, "Optical") &&
         (value_of<bool>(drive, "Removable") || value_of<bool>(drive, "MediaRemovable") ||
          value_of<std::string>(drive, "ConnectionBus") == "usb");
}

/// Drives that this machine itself lives on.
std::set<std::string> drives_in_use(const DiskObjects& objects) {
  std::set<std::string> out;
  for (const auto& [object, interfaces] : objects) {
    const DiskProperties* block = find(objects, object, block_interface);
    if (block == nullptr) continue;
    const DiskProperties* swap = find(objects, object, swap_interface);
    const DiskProperties* files = find(objects, object, file_system_interface);
    bool used = swap != nullptr && value_of<bool>(*swap, "Active");
    if (files != nullptr) {
      const auto points = value_of<std::vector<std::string>>(*files, "MountPoints");
      used = used || std::ranges::any_of(points, [](const std::string& point) { return !is_place_of_sticks(point); });
    }
    if (used) out.insert(value_of<std::string>(*block, "Drive"));
  }
  return out;
}

Judgement refuse(std::string reason, std::string message) {
  return {Judgement::What::refuse, {}, std::move(reason), std::move(message)};
}

}  // namespace

std::vector<FileSystem> file_systems_of(const DiskObjects& objects) {
  const auto used = drives_in_use(objects);
  std::vector<FileSystem> out;
  for (const auto& [object, interfaces] : objects) {
    const DiskProperties* block = find(objects, object, block_interface);
    const DiskProperties* files = find(objects, object, file_system_interface);
    if (block == nullptr || files == nullptr) continue;
    FileSystem one;
    one.object = object;
    one.device = plain_text(value_of<std::string>(*block, "Device"), device_octets_max);
    one.drive = value_of<std::string>(*block, "Drive");
    one.type = value_of<std::string>(*block, "IdType");
    one.uuid = value_of<std::string>(*block, "IdUUID");
    one.number = value_of<std::uint64_t>(*block, "DeviceNumber");
    one.octets = value_of<std::uint64_t>(*block, "Size");
    one.is_data = value_of<std::string>(*block, "IdUsage") == "filesystem";
    one.read_only = value_of<bool>(*block, "ReadOnly");
    one.hidden = value_of<bool>(*block, "HintIgnore");
    one.of_system = value_of<bool>(*block, "HintSystem") || used.contains(one.drive);
    const DiskProperties* drive = find(objects, one.drive, drive_interface);
    one.pluggable = drive != nullptr && is_pluggable(*drive);
    one.mount_points = value_of<std::vector<std::string>>(*files, "MountPoints");
    out.push_back(std::move(one));
  }
  return out;
}

Judgement judge(const FileSystem& file_system, std::span<const Mount> mounts) {
  if (!file_system.pluggable || file_system.hidden || file_system.of_system || !file_system.is_data) return {};
  if (std::ranges::find(accepted_types, file_system.type) == accepted_types.end()) {
    return refuse("file_system", "the stick " + short_name(file_system) + " is formatted as " +
                                     plain_text(file_system.type, device_octets_max) +
                                     ", which is not used here: format it as FAT32 or exFAT, or take another one");
  }
  if (file_system.mount_points.empty()) return {Judgement::What::mount, {}, {}, {}};
  std::string why;
  for (const std::string& point : file_system.mount_points) {
    const auto checked = check_mounted(file_system, point, mounts);
    if (checked) return {Judgement::What::use, point, {}, {}};
    if (why.empty()) why = checked.error().what;
  }
  return refuse("unsafe_mount", why + "; unmount it, and plug it in again");
}

std::string mount_options(const FileSystem& file_system) {
  return file_system.read_only ? "nosuid,nodev,noexec,ro" : "nosuid,nodev,noexec";
}

Result<void> check_mounted(const FileSystem& file_system, const std::string& point, std::span<const Mount> mounts) {
  const std::string where = "the stick " + short_name(file_system) + " is mounted at " + plain_text(point);
  const auto mount = mounted_at(mounts, point);
  if (!mount || mount->device != file_system.number) {
    return fail(Errc::denied, where + ", which this service does not see: is MountFlags=slave in its unit?");
  }
  if (!is_place_of_sticks(point)) {
    return fail(Errc::denied, where + ", which is not below /media, /run/media or /mnt");
  }
  if (const std::string lacking = lacking_flags(*mount); !lacking.empty()) {
    return fail(Errc::denied, where + " without " + lacking);
  }
  return {};
}

bool is_own_mount(std::string_view point, std::string_view user) {
  for (const std::string_view place : {"/media/", "/run/media/"}) {
    const std::string own = std::string(place) + std::string(user) + "/";
    if (!user.empty() && is_place_of_sticks(point) && point.starts_with(own)) return true;
  }
  return false;
}

std::string short_name(const FileSystem& file_system) {
  const std::size_t slash = file_system.device.rfind('/');
  return slash == std::string::npos ? file_system.device : file_system.device.substr(slash + 1);
}

}  // namespace khuoi::mounts
