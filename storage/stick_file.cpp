#include "storage/stick_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace khuoi::storage {
namespace {

constexpr std::size_t read_octets = std::size_t{1} << 20;
constexpr std::size_t sector_octets = 4096;
constexpr const char* private_doing = "cannot keep a private copy of a bundle";

/// A file that nobody else can open, gone when it is closed.
Result<Fd> open_nameless(const std::filesystem::path& dir) {
  const std::string doing = private_doing + (" in " + dir.string());
  Fd fd(::open(dir.c_str(), O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600));
  if (fd.open()) return fd;
  if (errno != EOPNOTSUPP && errno != EISDIR) return errno_error(errno, doing);
  std::string name = (dir / ".khuoi-copy-XXXXXX").string();  // for file systems without O_TMPFILE
  fd = Fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd.open()) return errno_error(errno, doing);
  if (::unlink(name.c_str()) != 0) return errno_error(errno, doing);
  return fd;
}

Result<void> write_all_at(int fd, std::uint64_t offset, ByteView octets) {
  while (!octets.empty()) {
    const ssize_t written = ::pwrite(fd, octets.data(), octets.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return write_error(errno, private_doing, fd);
    offset += static_cast<std::uint64_t>(written);
    octets = octets.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

/// A stick's bad sector is damage like any other: zeros stand in for it, sector by sector.
Result<std::size_t> StickFile::read_piece(int from, std::uint64_t offset, std::span<std::uint8_t> out,
                                          const std::string& doing) {
  std::size_t have = 0;
  std::size_t step = out.size();
  while (have < out.size()) {
    const auto wanted = out.subspan(have, std::min(step, out.size() - have));
    const ssize_t got = ::pread(from, wanted.data(), wanted.size(), static_cast<off_t>(offset + have));
    if (got == 0) break;
    if (got > 0) {
      have += static_cast<std::size_t>(got);
    } else if (errno == EIO && wanted.size() > sector_octets) {
      step = sector_octets;
    } else if (errno == EIO) {
      std::ranges::fill(wanted, std::uint8_t{0});
      octets_unreadable_ += wanted.size();
      have += wanted.size();
    } else if (errno != EINTR) {
      return errno_error(errno, doing);
    }
  }
  return have;
}

Result<StickFile> StickFile::copy_of(int from, std::uint64_t octets, std::uint64_t memory_octets_max,
                                     const std::filesystem::path& private_dir, const std::string& doing) {
  StickFile out;
  if (octets > memory_octets_max) {
    KHUOI_TRY(out.file_, open_nameless(private_dir));
  }
  ::posix_fadvise(from, 0, 0, POSIX_FADV_SEQUENTIAL);
  const std::uint64_t unreadable_max = std::max<std::uint64_t>(std::uint64_t{256} << 10, octets / 16);
  Bytes buffer(std::min<std::uint64_t>(read_octets, octets));
  while (out.octets_ < octets) {
    const auto piece = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), octets - out.octets_));
    KHUOI_TRY(const std::size_t have, out.read_piece(from, out.octets_, piece, doing));
    if (have == 0) break;
    if (out.octets_unreadable_ > unreadable_max) {
      return fail(Errc::io, doing + ": much of it cannot be read. Pull the stick, plug it in again, or use another.");
    }
    KHUOI_TRY_VOID(out.write_at(out.octets_, piece.first(have)));
  }
  return out;
}

Result<void> StickFile::write_at(std::uint64_t offset, ByteView octets) {
  if (file_.open()) {
    KHUOI_TRY_VOID(write_all_at(file_.get(), offset, octets));
  } else {
    const std::size_t end = static_cast<std::size_t>(offset) + octets.size();
    if (memory_.size() < end) memory_.resize(end);
    std::ranges::copy(octets, memory_.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  octets_ = std::max(octets_, offset + octets.size());
  return {};
}

Result<std::size_t> StickFile::read_into(std::uint64_t offset, std::span<std::uint8_t> out) const {
  if (offset >= octets_) return std::size_t{0};
  out = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), octets_ - offset)));
  if (file_.open()) return read_some_at(file_.get(), offset, out, "cannot read the private copy of a bundle");
  std::copy_n(memory_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
  return out.size();
}

Result<Bytes> StickFile::read(std::uint64_t offset, std::size_t octets) const {
  const std::uint64_t left = offset >= octets_ ? 0 : octets_ - offset;
  Bytes out(static_cast<std::size_t>(std::min<std::uint64_t>(octets, left)));
  KHUOI_TRY(const std::size_t have, read_into(offset, out));
  out.resize(have);
  return out;
}

Result<RepairReport> StickFile::repair() {
  KHUOI_TRY(RepairReport report,
            repair_data(
                octets_, [this](std::uint64_t offset, std::span<std::uint8_t> out) { return read_into(offset, out); },
                [this](std::uint64_t offset, ByteView octets) { return write_at(offset, octets); }));
  octets_ = std::min(octets_, report.data_octets);
  return report;
}

}  // namespace khuoi::storage
