#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "sync/base/bytes.h"
#include "sync/base/result.h"

namespace khuoi::storage {

/// Owns a file descriptor; -1 owns none.
class Fd final {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { reset(); }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool open() const { return fd_ >= 0; }
  int release();
  void reset();

 private:
  int fd_ = -1;
};

/// What errno says, as one of our codes with a sentence: "<doing>: <reason>. <what to do>". `doing` names the file.
/// ENOSPC and EDQUOT are disk_full; EROFS, EACCES and EPERM read_only; ENOENT not_found; EFBIG too_large.
Error errno_error(int error, const std::string& doing);
/// The same of a write to an open file, or below a path. Where the kernel or a driver in between calls it EIO (a short write
/// of LMDB, FUSE), the free space is asked for: a full disk is disk_full, and nobody is told to buy another one.
Error write_error(int error, const std::string& doing, int fd);
Error write_error(int error, const std::string& doing, const std::filesystem::path& path);

/// All octets or a failure; goes on after short writes and EINTR.
Result<void> write_all(int fd, ByteView octets, const std::string& doing);
/// Exactly out.size() octets from `offset`. Errors: damaged when the file ends before.
Result<void> read_at(int fd, std::uint64_t offset, std::span<std::uint8_t> out, const std::string& doing);
/// At most out.size() octets from `offset`; 0 at the end of the file.
Result<std::size_t> read_some_at(int fd, std::uint64_t offset, std::span<std::uint8_t> out, const std::string& doing);
Result<void> sync_fd(int fd, const std::string& doing);
/// Makes names in a folder durable.
Result<void> sync_folder(const std::filesystem::path& dir);
Result<void> sync_folder_fd(int fd, const std::string& doing);
/// The folder a path lies in; "." for a bare name.
std::filesystem::path folder_of(const std::filesystem::path& path);

/// Removes a file or a whole folder when it goes out of scope, unless keep() was called: nothing half-made stays.
class RemoveUnlessKept final {
 public:
  explicit RemoveUnlessKept(std::filesystem::path path) : path_(std::move(path)) {}
  ~RemoveUnlessKept();
  RemoveUnlessKept(const RemoveUnlessKept&) = delete;
  RemoveUnlessKept& operator=(const RemoveUnlessKept&) = delete;
  void keep() { kept_ = true; }

 private:
  std::filesystem::path path_;
  bool kept_ = false;
};

}  // namespace khuoi::storage
