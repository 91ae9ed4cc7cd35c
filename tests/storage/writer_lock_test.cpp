#include "storage/writer_lock.h"

#include <sys/wait.h>
#include <unistd.h>

#include "tests/storage/temp_folder.h"
#include "tests/support/print_result.h"

namespace khuoi::tests {

using storage::WriterLock;

TEST_CASE("writer lock: one at a time, and the other is told who", "[storage]") {
  const TempFolder folder;
  {
    const auto held = WriterLock::acquire(folder.path());
    REQUIRE(held);
    const auto second = WriterLock::acquire(folder.path());
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::busy);
    CHECK(second.error().what.find("process " + std::to_string(::getpid())) != std::string::npos);
  }
  CHECK(WriterLock::acquire(folder.path()));
}

TEST_CASE("writer lock: it ends with the process that held it", "[storage]") {
  const TempFolder folder;
  const pid_t pid = ::fork();
  if (pid == 0) {
    const auto held = WriterLock::acquire(folder.path());
    ::_exit(held ? 0 : 1);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  CHECK(status == 0);
  CHECK(WriterLock::acquire(folder.path()));
}

TEST_CASE("writer lock: a folder that is not there, or a link in the file's place, is refused", "[storage]") {
  const TempFolder folder;
  CHECK(WriterLock::acquire(folder / "none").error().code == Errc::not_found);
  std::filesystem::create_symlink(folder / "elsewhere", folder / "lock");
  CHECK_FALSE(WriterLock::acquire(folder.path()));
  CHECK_FALSE(std::filesystem::exists(folder / "elsewhere"));
}

}  // namespace khuoi::tests
