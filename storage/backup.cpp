#include "storage/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "storage/files.h"
#include "storage/verify.h"
#include "sync/seal/hash.h"

namespace khuoi::storage {
namespace {

namespace fs = std::filesystem;

/// The last octet is the format.
constexpr std::array<std::uint8_t, 16> head = {'k', 'h', 'u', 'o', 'i', '-', 'b', 'a', 'c', 'k', 'u', 'p', 0, 0, 0, 1};
constexpr std::string_view tail_mark = "KHUOIEND";
constexpr std::size_t hash_octets = 32;
constexpr std::size_t tail_octets = 8 + 8 + hash_octets;
constexpr std::size_t copy_octets = std::size_t{1} << 20;

/// Hands every piece of the data part to `take`.
template <typename Take>
Result<void> each_piece(int fd, std::uint64_t data_octets, const std::string& doing, const Take& take) {
  Bytes buffer(copy_octets);
  for (std::uint64_t at = 0; at < data_octets;) {
    const auto piece = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), data_octets - at));
    KHUOI_TRY_VOID(read_at(fd, head.size() + at, piece, doing));
    KHUOI_TRY_VOID(take(ByteView(piece)));
    at += piece.size();
  }
  return {};
}

Result<Bytes> tail_of(int fd, std::uint64_t data_octets, const std::string& doing) {
  sync::Blake2b hash(hash_octets);
  hash.add(head);
  KHUOI_TRY_VOID(each_piece(fd, data_octets, doing, [&](ByteView piece) -> Result<void> {
    hash.add(piece);
    return {};
  }));
  Bytes tail = to_bytes(view_of(tail_mark));
  Writer(tail).u64(data_octets);
  append(tail, hash.add(tail).finish());
  return tail;
}

struct Opened {
  Fd fd;
  std::uint64_t data_octets = 0;
};

/// Opens a backup and checks all of it.
Result<Opened> open_checked(const fs::path& file) {
  const std::string doing = "cannot read the backup " + file.string();
  Opened out{Fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), 0};
  if (!out.fd.open()) return errno_error(errno, doing);
  struct stat info {};
  if (::fstat(out.fd.get(), &info) != 0) return errno_error(errno, doing);
  if (!S_ISREG(info.st_mode)) return fail(Errc::malformed, doing + ": it is not a file");
  const auto octets = static_cast<std::uint64_t>(info.st_size);
  std::array<std::uint8_t, head.size()> head_read{};
  KHUOI_TRY(const std::size_t have, read_some_at(out.fd.get(), 0, head_read, doing));
  if (have < head.size() || !equal(ByteView(head_read).first(15), ByteView(head).first(15))) {
    return fail(Errc::malformed, file.string() + " is not a khuoi backup");
  }
  if (head_read[15] != head[15]) return fail(Errc::unsupported, doing + ": a newer version of khuoi wrote it");
  if (octets < head.size() + tail_octets) return fail(Errc::damaged, doing + ": it was cut short");
  out.data_octets = octets - head.size() - tail_octets;
  Bytes tail_read(tail_octets);
  KHUOI_TRY_VOID(read_at(out.fd.get(), octets - tail_octets, tail_read, doing));
  KHUOI_TRY(const Bytes tail, tail_of(out.fd.get(), out.data_octets, doing));
  if (tail != tail_read) return fail(Errc::damaged, doing + ": it was cut short or changed; use another backup");
  return out;
}

/// Whether `file` would lie in `dir` or below, with symlinks followed.
bool lies_within(const fs::path& file, const fs::path& dir) {
  std::error_code ignored;
  const fs::path inner = fs::weakly_canonical(folder_of(fs::absolute(file, ignored)), ignored);
  const fs::path outer = fs::weakly_canonical(fs::absolute(dir, ignored), ignored);
  const auto [left, right] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return left == outer.end();
}

Result<void> write_backup(const LmdbStore& store, int fd, const std::string& doing) {
  KHUOI_TRY_VOID(write_all(fd, head, doing));
  if (const auto copied = store.copy_compact_to(fd); !copied) {
    // It is the backup's disk that took it, or did not: the store was only read.
    if (copied.error().code == Errc::disk_full) return write_error(ENOSPC, doing, fd);
    return copied.error().code == Errc::io ? write_error(EIO, doing, fd) : copied.error();
  }
  const off_t end = ::lseek(fd, 0, SEEK_CUR);
  if (end < 0) return errno_error(errno, doing);
  KHUOI_TRY(const Bytes tail, tail_of(fd, static_cast<std::uint64_t>(end) - head.size(), doing));
  KHUOI_TRY_VOID(write_all(fd, tail, doing));
  KHUOI_TRY_VOID(sync_fd(fd, doing));
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);  // so that the check reads the disk, not our memory
  return {};
}

}  // namespace

Result<void> backup_to(const LmdbStore& store, const fs::path& file, const fs::path& data_dir) {
  const std::string doing = "cannot write the backup " + file.string();
  if (lies_within(file, data_dir) || lies_within(file, store.dir())) {
    return fail(Errc::usage, doing + ": it would lie inside the data folder and be lost with it; name another place");
  }
  struct stat info {};
  if (::stat(file.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return fail(Errc::usage, doing + ": there is something else of that name");
  }
  std::string temp_name = file.string() + ".XXXXXX";
  const Fd fd(::mkostemp(temp_name.data(), O_CLOEXEC));  // mode 0600
  if (!fd.open()) return errno_error(errno, doing);
  RemoveUnlessKept litter(temp_name);
  KHUOI_TRY_VOID(write_backup(store, fd.get(), doing));
  KHUOI_TRY_VOID(check_backup(temp_name));
  if (::rename(temp_name.c_str(), file.c_str()) != 0) return errno_error(errno, doing);
  litter.keep();
  return sync_folder(folder_of(file));
}

Result<void> check_backup(const fs::path& file) {
  if (auto opened = open_checked(file); !opened) return opened.error();
  return {};
}

Result<void> restore_from(const fs::path& file, const fs::path& dir) {
  const std::string doing = "cannot restore into " + dir.string();
  std::error_code ignored;
  if (fs::exists(dir, ignored) && !fs::is_empty(dir, ignored)) {
    return fail(Errc::exists, doing + ": there is something already; restore into a new folder");
  }
  KHUOI_TRY(const Opened backup, open_checked(file));
  const fs::path temp = dir.string() + ".new";
  fs::remove_all(temp, ignored);
  if (::mkdir(temp.c_str(), 0700) != 0) return errno_error(errno, doing);
  RemoveUnlessKept litter(temp);
  const fs::path data = temp / "data.mdb";
  {
    const Fd out(::open(data.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!out.open()) return errno_error(errno, doing);
    KHUOI_TRY_VOID(each_piece(backup.fd.get(), backup.data_octets, doing,
                              [&](ByteView piece) { return write_all(out.get(), piece, doing); }));
    KHUOI_TRY_VOID(sync_fd(out.get(), doing));
  }
  if (auto walked = verify_structure(temp); !walked) return walked.error();
  KHUOI_TRY_VOID(sync_folder(temp));
  if (::rename(temp.c_str(), dir.c_str()) != 0) return errno_error(errno, doing);
  litter.keep();
  return sync_folder(folder_of(dir));
}

}  // namespace khuoi::storage
