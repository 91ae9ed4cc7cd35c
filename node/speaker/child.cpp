#include "node/speaker/child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>

#include "storage/files.h"

namespace khuoi::speaker {

using storage::Fd;

namespace {

constexpr int asked_every_ms = 100;
constexpr std::size_t complaint_octets_max = 400;

/// A file without a name: the child can read or fill it as it likes, and nobody waits for a pipe.
Result<Fd> nameless(const std::string& content) {
  Fd out(memfd_create("khuoi", MFD_CLOEXEC));
  if (!out.open()) return storage::errno_error(errno, "making a file in memory");
  KHUOI_TRY_VOID(storage::write_all(out.get(), view_of(content), "writing to a file in memory"));
  if (lseek(out.get(), 0, SEEK_SET) != 0) return storage::errno_error(errno, "reading a file in memory");
  return out;
}

/// The last line that the child wrote to its standard error.
std::string complaint_in(const Fd& errors) {
  const off_t size = lseek(errors.get(), 0, SEEK_END);
  if (size <= 0) return "it said nothing";
  const auto octets = std::min<std::size_t>(static_cast<std::size_t>(size), complaint_octets_max);
  std::string text(octets, '\0');
  const ssize_t got = pread(errors.get(), text.data(), octets, size - static_cast<off_t>(octets));
  if (got < 0) return "it said nothing";
  while (!text.empty() && (text.back() == '\n' || text.back() == '\0')) text.pop_back();
  return text.substr(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
}

/// What a player needs, and no passphrase.
std::vector<std::string> small_environment() {
  std::vector<std::string> out = {"LC_ALL=C.UTF-8"};
  for (const char* name : {"PATH", "HOME", "XDG_RUNTIME_DIR", "ALSA_CONFIG_PATH", "ALSA_CARD", "PULSE_SERVER"}) {
    if (const char* value = std::getenv(name)) out.push_back(std::string(name) + "=" + value);
  }
  return out;
}
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

Result<pid_t> spawn(const Child& child, const Fd& in, const Fd& errors) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.get(), STDIN_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, errors.get(), STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> arguments = child.arguments, environment = small_environment();
  pid_t out = 0;
  const int failed = posix_spawnp(&out, arguments.front().c_str(), &actions, &attributes, pointers_to(arguments).data(),
                                  pointers_to(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return storage::errno_error(failed, "starting the program '" + child.arguments.front() + "'");
  return out;
}

enum class Waited : std::uint8_t { ended, given_up, too_long };
Waited wait_for(const Child& child, const Fd& process, const std::function<bool()>& give_up) {
  const auto until = std::chrono::steady_clock::now() + child.patience;
  while (true) {
    pollfd wait{process.get(), POLLIN, 0};
    if (poll(&wait, 1, asked_every_ms) > 0) return Waited::ended;
    if (give_up && give_up()) return Waited::given_up;
    if (std::chrono::steady_clock::now() > until) return Waited::too_long;
  }
}

}  // namespace

Result<Ended> run_child(const Child& child, const std::function<bool()>& give_up) {
  KHUOI_TRY(const Fd in, nameless(child.input));
  KHUOI_TRY(const Fd errors, nameless(""));
  KHUOI_TRY(const pid_t pid, spawn(child, in, errors));
  // Nobody else reaps it, so the number stays its own until waitpid below.
  const Fd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  const int no_handle = errno;
  const Waited waited = process.open() ? wait_for(child, process, give_up) : Waited::too_long;
  kill(-pid, SIGKILL);  // what it may have left behind goes too; a group of none is no error
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  const std::string& name = child.arguments.front();
  if (!process.open()) return storage::errno_error(no_handle, "watching the program '" + name + "'");
  if (waited == Waited::given_up) return Ended::given_up;
  if (waited == Waited::too_long) {
    return fail(Errc::closed, "the program '" + name + "' did not end in time and was stopped");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return Ended::by_itself;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127 && lseek(errors.get(), 0, SEEK_END) == 0) {
    return fail(Errc::not_found, "there is no program '" + name + "': install it, or name another one in config.toml");
  }
  return fail(Errc::io, "the program '" + name + "' failed: " + complaint_in(errors));
}

}  // namespace khuoi::speaker
