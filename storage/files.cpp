#include "storage/files.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace khuoi::storage {

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int Fd::release() { return std::exchange(fd_, -1); }

void Fd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Error errno_error(int error, const std::string& doing) {
  const std::string what = doing + ": " + std::generic_category().message(error) + ".";
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return fail(Errc::disk_full, what + " Free some space there and try again; nothing was lost.");
    case EROFS:
      return fail(Errc::read_only, what + " It can be read, not written.");
    case EACCES:
    case EPERM:
      return fail(Errc::read_only, what + " Check who owns it, and its permissions.");
    case ENOENT:
    case ENOTDIR:
      return fail(Errc::not_found, what);
    case EEXIST:
    case ENOTEMPTY:
      return fail(Errc::exists, what);
    case EFBIG:
      return fail(Errc::too_large, what + " That file system does not hold files so large.");
    case EIO:
      return fail(Errc::io, what + " The disk or stick may be failing; try again, or use another.");
    default:
      return fail(Errc::io, what);
  }
}

namespace {

/// What a commit or a bundle could not even begin with.
constexpr std::uint64_t full_below_octets = 64U << 10U;

bool is_full(const struct statvfs& info) {
  const bool no_files_left = info.f_files > 0 && info.f_favail == 0;
  return std::uint64_t{info.f_bavail} * info.f_frsize < full_below_octets || no_files_left;
}

}  // namespace

Error write_error(int error, const std::string& doing, int fd) {
  struct statvfs info {};
  const bool full = error == EIO && ::fstatvfs(fd, &info) == 0 && is_full(info);
  return errno_error(full ? ENOSPC : error, doing);
}

Error write_error(int error, const std::string& doing, const std::filesystem::path& path) {
  struct statvfs info {};
  const bool full = error == EIO && ::statvfs(path.c_str(), &info) == 0 && is_full(info);
  return errno_error(full ? ENOSPC : error, doing);
}

Result<void> write_all(int fd, ByteView octets, const std::string& doing) {
  while (!octets.empty()) {
    const ssize_t written = ::write(fd, octets.data(), octets.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return write_error(errno, doing, fd);
    }
    octets = octets.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::size_t> read_some_at(int fd, std::uint64_t offset, std::span<std::uint8_t> out, const std::string& doing) {
  std::size_t have = 0;
  while (have < out.size()) {
    const ssize_t got = ::pread(fd, out.data() + have, out.size() - have, static_cast<off_t>(offset + have));
    if (got < 0) {
      if (errno == EINTR) continue;
      return errno_error(errno, doing);
    }
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  return have;
}

Result<void> read_at(int fd, std::uint64_t offset, std::span<std::uint8_t> out, const std::string& doing) {
  KHUOI_TRY(const std::size_t have, read_some_at(fd, offset, out, doing));
  if (have != out.size()) return fail(Errc::damaged, doing + ": the file ends too early.");
  return {};
}

Result<void> sync_fd(int fd, const std::string& doing) {
  if (::fsync(fd) != 0) return write_error(errno, doing, fd);
  return {};
}

Result<void> sync_folder(const std::filesystem::path& dir) {
  const std::string doing = "cannot sync the folder " + dir.string();
  const Fd fd(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.open()) return errno_error(errno, doing);
  return sync_folder_fd(fd.get(), doing);
}

Result<void> sync_folder_fd(int fd, const std::string& doing) {
  if (::fsync(fd) != 0 && errno != EINVAL) return errno_error(errno, doing);  // EINVAL: FUSE without fsyncdir
  return {};
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  const std::filesystem::path parent = path.parent_path();
  return parent.empty() ? "." : parent;
}

RemoveUnlessKept::~RemoveUnlessKept() {
  std::error_code ignored;
  if (!kept_) std::filesystem::remove_all(path_, ignored);
}

}  // namespace khuoi::storage
