#pragma once

#include <sys/mount.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>

namespace khuoi::tests {

/// While one lives, the calls of this process that write or sync (write, writev, pwrite, fsync, fdatasync, renameat,
/// also LMDB's) are counted, and from the `good`-th on fail with `error`; `only_one` lets the later ones through again.
/// The calls themselves are replaced in faulty_io_test.cpp, for the whole test program.
class FaultyIo final {
 public:
  FaultyIo(int good, int error, bool only_one = false);
  ~FaultyIo();
  FaultyIo(const FaultyIo&) = delete;
  FaultyIo& operator=(const FaultyIo&) = delete;
  [[nodiscard]] static bool happened();
};

/// While one lives, pread of this range of any file fails with EIO (a bad sector), or gives flipped octets (a fake
/// one).
class BadSectors final {
 public:
  enum class Kind { unreadable, lying };
  BadSectors(std::uint64_t from, std::uint64_t octets, Kind kind);
  ~BadSectors();
  BadSectors(const BadSectors&) = delete;
  BadSectors& operator=(const BadSectors&) = delete;
};

/// A file system of its own with a size limit. Only root may mount one: a test that finds !mounted() warns and ends.
class SmallDisk final {
 public:
  SmallDisk(std::filesystem::path path, const char* options) : path_(std::move(path)) {
    std::filesystem::create_directory(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options) == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  bool make_read_only() const {
    return ::mount(nullptr, path_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, nullptr) == 0;
  }

 private:
  std::filesystem::path path_;
  bool mounted_ = false;
};

}  // namespace khuoi::tests

#define KHUOI_NEEDS_MOUNT(disk)                               \
  if (!(disk).mounted()) {                                    \
    WARN("skipped: mounting a small file system takes root"); \
    return;                                                   \
  }
