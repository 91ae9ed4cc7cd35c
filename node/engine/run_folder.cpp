#include "node/engine/run_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/engine/log.h"
#include "storage/files.h"

namespace khuoi::node {

namespace fs = std::filesystem;

Result<void> make_run_folder(const fs::path& run) {
  std::error_code failed;
  fs::create_directories(run.parent_path(), failed);
  if (!failed) fs::create_directory(run, failed);
  if (failed) return storage::errno_error(failed.value(), "making the folder " + run.string());
  if (::chmod(run.c_str(), 0700) != 0) return storage::errno_error(errno, "making " + run.string() + " private");
  return {};
}

Result<void> unless_full(Result<void> done, const char* what) {
  if (done || (done.error().code != Errc::disk_full && done.error().code != Errc::store_full)) return done;
  log_error("disk_full", {{"without", what}, {"why", done.error().what}});
  return {};
}

Result<void> write_note(const fs::path& file, const std::string& text) {
  const fs::path temporary = file.string() + ".new";
  const std::string doing = "writing " + file.string();
  storage::RemoveUnlessKept litter(temporary);
  const storage::Fd to(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!to.open()) return storage::errno_error(errno, doing);
  KHUOI_TRY_VOID(storage::write_all(to.get(), view_of(text + "\n"), doing));
  if (::rename(temporary.c_str(), file.c_str()) != 0) return storage::errno_error(errno, doing);
  litter.keep();
  return {};
}

}  // namespace khuoi::node
