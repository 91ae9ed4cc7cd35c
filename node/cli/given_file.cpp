#include "node/cli/given_file.h"

#include <unistd.h>

#include <algorithm>

#include "sync/record/file_name.h"

namespace khuoi::node {

namespace {

/// What fits a processor's own cache between being read, hashed and sealed.
constexpr std::uint64_t piece_octets = std::uint64_t{256} << 10U;
constexpr std::uint64_t shown_octets = std::uint64_t{4} << 20U;

/// An open file of the caller's, while it is read from its beginning to its end.
struct Reading {
  storage::Fd file;
  Bytes piece;
  std::uint64_t at = 0;
};

Result<std::uint64_t> size_of(const storage::Fd& file, const std::string& path) {
  const off_t size = lseek(file.get(), 0, SEEK_END);
  const std::uint64_t octets = size > 0 ? static_cast<std::uint64_t>(size) : 0;
  if (octets > sync::file_octets_max) return fail(Errc::too_large, path + " is larger than 2 GiB");
  return octets;
}

}  // namespace

FileSource given_file(Task& task, const std::string& path) {
  FileSource out;
  out.name = sync::kept_name(path);
  const auto octets = std::make_shared<std::uint64_t>();  // shared by both calls: one learns it, one shows it
  out.open = [&task, path, octets]() -> Result<FileSource::Pieces> {
    if (sync::kept_name(path).empty()) return fail(Errc::usage, "'" + path + "' names no file");
    const auto from = std::make_shared<Reading>();  // shared by the copies of one function
    KHUOI_TRY(from->file, task.caller.open_file(path));
    KHUOI_TRY(*octets, size_of(from->file, path));
    from->piece.resize(static_cast<std::size_t>(std::clamp<std::uint64_t>(*octets, 1, piece_octets)));
    return FileSource::Pieces([from, path]() -> Result<ByteView> {
      KHUOI_TRY(const std::size_t got,
                storage::read_some_at(from->file.get(), from->at, from->piece, "reading " + path));
      from->at += got;
      return ByteView(from->piece).first(got);
    });
  };
  out.taken = [&task, path, octets, name = out.name](std::uint64_t at) -> Result<void> {
    if (*octets > shown_octets) task.caller.progress(name + ": octets", std::min(at, *octets), *octets);
    if (!task.caller.gone()) return {};
    return fail(Errc::closed, "stopped before " + path + " was taken in");
  };
  return out;
}

std::vector<FileSource> given_files(Task& task, const std::vector<std::string>& paths) {
  std::vector<FileSource> out;
  for (const std::string& path : paths) out.push_back(given_file(task, path));
  return out;
}

}  // namespace khuoi::node
