#include "storage/writer_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>

namespace khuoi::storage {
namespace {

std::string holder_in(int fd) {
  std::array<std::uint8_t, 16> text{};
  const auto have = read_some_at(fd, 0, text, "");
  std::string digits;
  for (std::size_t i = 0; have && i < *have && std::isdigit(text.at(i)) != 0; ++i)
    digits += static_cast<char>(text.at(i));
  return digits.empty() ? "" : " (process " + digits + ")";
}

/// Held by whoever the file names.
Error held_by(int fd, const std::filesystem::path& dir) {
  return fail(Errc::busy, "another khuoi" + holder_in(fd) + " is writing to " + dir.string() +
                              ": wait until it is done, or stop it");
}

}  // namespace

Result<WriterLock> WriterLock::acquire(const std::filesystem::path& dir) {
  const std::filesystem::path path = dir / "lock";
  const std::string doing = "cannot lock " + path.string();
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.open()) return errno_error(errno, doing);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return errno_error(errno, doing);
    return held_by(fd.get(), dir);
  }
  // The number only helps a person; a full disk must not keep anyone from locking.
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd.get(), 0) == 0) (void)write_all(fd.get(), view_of(pid), doing);
  return WriterLock(std::move(fd));
}

Result<WriterLock> WriterLock::acquire_to_read(const std::filesystem::path& dir) {
  const std::filesystem::path path = dir / "lock";
  const std::string doing = "cannot lock " + path.string();
  // Whoever writes holds that file. Where there is none nobody ever wrote here, and on this disk nobody can.
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.open() && errno == ENOENT) fd = Fd(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.open()) return errno_error(errno, doing);
  if (::flock(fd.get(), LOCK_SH | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return errno_error(errno, doing);
    return held_by(fd.get(), dir);
  }
  return WriterLock(std::move(fd));
}

}  // namespace khuoi::storage
