#include "node/links/radio/fiber_hours_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <limits>

#include "storage/files.h"

namespace khuoi::node {

namespace {
/// Five days of quarters, each alone.
constexpr std::size_t stretches_max = 512;
}  // namespace

FiberHours FiberHoursFile::read() const {
  RangeSet quarters;
  std::ifstream from(file_);
  std::int64_t first = 0, last = 0;
  for (std::size_t n = 0; n < stretches_max && from >> first >> last; ++n) {
    first /= FiberHours::quarter_seconds;
    last /= FiberHours::quarter_seconds;
    if (first < 0 || last < first || last >= std::numeric_limits<RangeSet::Number>::max()) return {};
    quarters.add(static_cast<RangeSet::Number>(first), static_cast<RangeSet::Number>(last));
  }
  return FiberHours(std::move(quarters));
}

Result<void> FiberHoursFile::write(const FiberHours& hours) const {
  std::string text;
  for (const auto& [first, last] : hours.quarters().ranges()) {
    text += std::to_string(first * FiberHours::quarter_seconds) + " " +
            std::to_string(last * FiberHours::quarter_seconds) + "\n";
  }
  const std::filesystem::path temporary = file_.string() + ".new";
  const std::string doing = "writing " + file_.string();
  storage::RemoveUnlessKept litter(temporary);
  const storage::Fd to(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!to.open()) return storage::errno_error(errno, doing);
  KHUOI_TRY_VOID(storage::write_all(to.get(), view_of(text), doing));
  KHUOI_TRY_VOID(storage::sync_fd(to.get(), doing));
  if (::rename(temporary.c_str(), file_.c_str()) != 0) return storage::errno_error(errno, doing);
  litter.keep();
  return storage::sync_folder(storage::folder_of(file_));
}

}  // namespace khuoi::node
