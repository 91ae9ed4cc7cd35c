#pragma once

#include "node/sticks/disk_objects.h"
#include "sync/base/result.h"

struct sd_bus_message;

namespace khuoi::mounts {

/// The answer of ObjectManager.GetManagedObjects, a{oa{sa{sv}}}. At most `disk_objects_max` objects; the rest is not
/// looked at. Errors: malformed.
Result<DiskObjects> read_disk_objects(sd_bus_message* message);
inline constexpr std::size_t disk_objects_max = 4096;

}  // namespace khuoi::mounts
