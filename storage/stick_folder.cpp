#include "storage/stick_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <tuple>

#include "storage/stick_readme.h"
#include "sync/base/check.h"

namespace khuoi::storage {
namespace {

constexpr const char* folder_name = "KHUOI";
constexpr const char* readme_name = "README.txt";
constexpr std::string_view temp_prefix = ".khuoi-";
constexpr std::string_view temp_suffix = ".tmp";
constexpr std::size_t id_digits = 16;

std::string lower_case(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_id(std::string_view text) {
  return text.size() == id_digits &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_temp_name(std::string_view name) {
  return name.size() == temp_prefix.size() + id_digits + temp_suffix.size() && name.starts_with(temp_prefix) &&
         name.ends_with(temp_suffix) && is_id(name.substr(temp_prefix.size(), id_digits));
}

struct CloseFolder {
  void operator()(DIR* stream) const { ::closedir(stream); }
};
using FolderStream = std::unique_ptr<DIR, CloseFolder>;

/// A stream of its own over an open folder, from its start.
Result<FolderStream> stream_of(int folder, const std::string& doing) {
  const int fd = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, doing);
  FolderStream stream(::fdopendir(fd));
  if (!stream) {
    ::close(fd);
    return errno_error(ENOMEM, doing);
  }
  return stream;
}

std::optional<StickSkip> reason_to_skip(const struct stat& info, const StickLimits& limits) {
  constexpr std::uint64_t sparse_above = std::uint64_t{1} << 20;
  const auto octets = static_cast<std::uint64_t>(info.st_size);
  if (!S_ISREG(info.st_mode)) return StickSkip::not_a_file;
  if (info.st_nlink > 1) return StickSkip::linked;
  if (octets > limits.file_octets_max) return StickSkip::too_large;
  if (octets == 0) return StickSkip::empty;
  // Sealed octets do not compress, so a sound bundle has its blocks, whatever the file system.
  if (octets > sparse_above && static_cast<std::uint64_t>(info.st_blocks) * 512 < octets / 2) return StickSkip::sparse;
  return std::nullopt;
}

}  // namespace

std::string_view name_of(StickSkip reason) {
  static constexpr std::array<std::string_view, stick_skip_count> names = {
      "foreign_name", "not_a_file", "linked", "too_large", "sparse", "empty", "unreadable", "past_limit"};
  return names.at(static_cast<std::size_t>(reason));
}

bool is_bundle_name(std::string_view name) {
  const std::string lower = lower_case(name);
  return lower.size() == id_digits + 4 && lower.ends_with(".kbn") &&
         is_id(std::string_view(lower).substr(0, id_digits));
}

Result<Fd> StickFolder::open_inside(int folder, const std::string& name, int flags) const {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);  // NONBLOCK: a FIFO would wait
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  const long fd = ::syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how);
  if (fd >= 0) return Fd(static_cast<int>(fd));
  const std::string doing = "cannot open a file of the stick " + dir_.string();
  if (errno == ELOOP || errno == EXDEV || errno == ENXIO || errno == ENODEV || errno == ENOTDIR) {
    return fail(Errc::denied, doing + ": it is not what its name says");
  }
  return errno_error(errno, doing);
}

Result<StickFolder> StickFolder::open(const std::filesystem::path& dir, const StickLimits& limits) {
  StickFolder out(dir, limits);
  out.root_ = Fd(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!out.root_.open()) return errno_error(errno, "cannot open the stick " + dir.string());
  auto khuoi = out.open_inside(out.root_.get(), folder_name, O_RDONLY | O_DIRECTORY);
  if (khuoi) {
    out.khuoi_ = std::move(*khuoi);
  } else if (khuoi.error().code == Errc::denied) {
    return fail(Errc::denied,
                "KHUOI on the stick " + dir.string() + " is not a folder of the stick: look what it is, and remove it");
  } else if (khuoi.error().code != Errc::not_found) {
    return khuoi.error();
  }
  return out;
}

Result<StickListing> StickFolder::list() const {
  StickListing out;
  if (!present()) return out;
  const std::string doing = "cannot list the stick " + dir_.string();
  KHUOI_TRY(const FolderStream stream, stream_of(khuoi_.get(), doing));
  const auto skip = [&](StickSkip reason) { ++out.skipped.at(static_cast<std::size_t>(reason)); };
  std::size_t seen = 0;
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(stream.get());
    if (entry == nullptr && errno != 0) return errno_error(errno, doing);
    if (entry == nullptr) break;
    const std::string_view name(entry->d_name);
    if (name == "." || name == ".." || is_temp_name(name) || lower_case(name) == "readme.txt") continue;
    if (++seen > limits_.entries_max || out.entries.size() >= limits_.names_max) {
      skip(StickSkip::past_limit);
      break;
    }
    if (!is_bundle_name(name)) {
      skip(StickSkip::foreign_name);
      continue;
    }
    struct stat info {};
    if (::fstatat(khuoi_.get(), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
      skip(StickSkip::unreadable);
    } else if (const auto reason = reason_to_skip(info, limits_)) {
      skip(*reason);
    } else {
      out.entries.push_back({lower_case(name), std::string(name), static_cast<std::uint64_t>(info.st_size)});
    }
  }
  std::ranges::sort(out.entries, {}, [](const StickEntry& entry) { return std::tie(entry.name, entry.on_stick); });
  return out;
}

Result<StickFolder::Opened> StickFolder::open_bundle(const StickEntry& entry) const {
  if (!present() || !is_bundle_name(entry.on_stick)) return fail(Errc::not_found, "no such bundle on the stick");
  Opened out;
  KHUOI_TRY(out.file, open_inside(khuoi_.get(), entry.on_stick, O_RDONLY));
  out.doing = "cannot read the bundle " + entry.name + " of the stick " + dir_.string();
  struct stat info {};
  if (::fstat(out.file.get(), &info) != 0) return errno_error(errno, out.doing);
  // Looked at again: it may have been swapped since it was listed.
  if (const auto reason = reason_to_skip(info, limits_)) {
    const bool large = *reason == StickSkip::too_large || *reason == StickSkip::sparse;
    return fail(large ? Errc::too_large : Errc::denied, out.doing + ": it is " + std::string(name_of(*reason)));
  }
  out.octets = static_cast<std::uint64_t>(info.st_size);
  return out;
}

Result<StickView> StickFolder::view(const StickEntry& entry) const {
  KHUOI_TRY(Opened bundle, open_bundle(entry));
  return StickView::of(std::move(bundle.file), bundle.octets, std::move(bundle.doing));
}

Result<StickFile> StickFolder::copy(const StickEntry& entry, const std::filesystem::path& private_dir) const {
  KHUOI_TRY(const Opened bundle, open_bundle(entry));
  return StickFile::copy_of(bundle.file.get(), bundle.octets, limits_.memory_octets_max, private_dir, bundle.doing);
}

Result<void> StickFolder::prepare_for_writing(Rng& rng) {
  if (!present()) {
    const std::string doing = "cannot make the folder KHUOI on the stick " + dir_.string();
    // On a stick with Unix permissions the other end runs under another user number; what is inside guards itself.
    if (::mkdirat(root_.get(), folder_name, 0777) != 0) return errno_error(errno, doing);
    KHUOI_TRY(khuoi_, open_inside(root_.get(), folder_name, O_RDONLY | O_DIRECTORY));
    (void)::fchmod(khuoi_.get(), 0777);  // FAT has no permissions to change
    KHUOI_TRY_VOID(sync_folder_fd(root_.get(), doing));
  }
  KHUOI_TRY_VOID(remove_stale_temps());
  return write_readme(rng);
}

Result<void> StickFolder::write_readme(Rng& rng) {
  struct stat info {};
  if (::fstatat(khuoi_.get(), readme_name, &info, AT_SYMLINK_NOFOLLOW) == 0) return {};
  KHUOI_TRY(StickWriter writer, create_any(readme_name, rng));
  KHUOI_TRY_VOID(writer.write(view_of(stick_readme)));
  return writer.commit();
}

Result<void> StickFolder::remove_stale_temps() {
  const std::string doing = "cannot clean up the stick " + dir_.string();
  KHUOI_TRY(const FolderStream stream, stream_of(khuoi_.get(), doing));
  std::vector<std::string> stale;
  std::size_t seen = 0;
  while (const dirent* const entry = ::readdir(stream.get())) {
    if (++seen > limits_.entries_max || stale.size() >= limits_.names_max) break;
    if (is_temp_name(entry->d_name)) stale.emplace_back(entry->d_name);
  }
  for (const std::string& name : stale) {
    if (::unlinkat(khuoi_.get(), name.c_str(), 0) != 0 && errno != ENOENT && errno != EISDIR)
      return errno_error(errno, doing);
  }
  return {};
}

Result<StickWriter> StickFolder::create(const std::string& name, Rng& rng) {
  KHUOI_CHECK(is_bundle_name(name) && name == lower_case(name));
  return create_any(name, rng);
}

Result<StickWriter> StickFolder::create_any(const std::string& name, Rng& rng) {
  if (!present()) return fail(Errc::not_found, "the stick " + dir_.string() + " has no folder KHUOI");
  std::array<std::uint8_t, id_digits / 2> id{};
  rng.fill(id);
  const std::string temp = std::string(temp_prefix) + to_hex(id) + std::string(temp_suffix);
  const std::string doing = "cannot write to the stick " + dir_.string();
  return StickWriter::create(khuoi_.get(), temp, name, doing);
}

Result<void> StickFolder::remove(const StickEntry& entry) {
  if (!present() || !is_bundle_name(entry.on_stick)) return {};
  if (::unlinkat(khuoi_.get(), entry.on_stick.c_str(), 0) != 0 && errno != ENOENT) {
    return errno_error(errno, "cannot remove a bundle from the stick " + dir_.string());
  }
  return {};
}

Result<void> StickFolder::sync() {
  if (!present()) return {};
  return sync_folder_fd(khuoi_.get(), "cannot sync the stick " + dir_.string());
}

Result<StickFolder::Space> StickFolder::space() const {
  struct statvfs info {};
  if (::fstatvfs(root_.get(), &info) != 0)
    return errno_error(errno, "cannot ask the stick " + dir_.string() + " for its space");
  return Space{std::uint64_t{info.f_bavail} * info.f_frsize, std::uint64_t{info.f_bsize}};
}

}  // namespace khuoi::storage
