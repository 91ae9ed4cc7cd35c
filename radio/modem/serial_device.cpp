#include "radio/modem/serial_device.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <thread>

namespace khuoi::radio {

namespace {

constexpr int drain_turns = 20;
constexpr std::chrono::milliseconds drain_turn{5};

/// /proc/sys/kernel: UNIX 98 ptys have the majors 136 to 143 (Documentation/admin-guide/devices.txt).
bool is_pty(const struct stat& status) { return major(status.st_rdev) >= 136 && major(status.st_rdev) <= 143; }

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

/// Whether one of a process's descriptors, but for `except`, is this device. Only root sees those of all accounts.
bool has_open(const std::string& process, dev_t device, int except) {
  const std::string path = "/proc/" + process + "/fd";
  const Folder folder(opendir(path.c_str()));
  if (!folder) return false;
  const bool ours = process == std::to_string(getpid());
  while (const dirent* entry = readdir(folder.get())) {
    if (entry->d_name[0] == '.' || (ours && std::atoi(entry->d_name) == except)) continue;
    struct stat status {};
    if (stat((path + "/" + entry->d_name).c_str(), &status) == 0 && S_ISCHR(status.st_mode) &&
        status.st_rdev == device) {
      return true;
    }
  }
  return false;
}

/// "rnsd (process 712)"; nothing when it cannot be seen.
std::optional<std::string> holder_of(dev_t device, int except) {
  const Folder folder(opendir("/proc"));
  if (!folder) return std::nullopt;
  while (const dirent* entry = readdir(folder.get())) {
    const std::string process = entry->d_name;
    if (process.find_first_not_of("0123456789") != std::string::npos || !has_open(process, device, except)) continue;
    std::string name;
    std::getline(std::ifstream("/proc/" + process + "/comm") >> std::ws, name);
    return name + " (process " + process + ")";
  }
  return std::nullopt;
}

Error busy(const std::string& path, int descriptor) {
  struct stat status {};
  std::optional<std::string> holder;
  if (stat(path.c_str(), &status) == 0) holder = holder_of(status.st_rdev, descriptor);
  return fail(Errc::busy, path + " is in use by " + holder.value_or("another program") +
                              ": stop that program, or tell it to leave this port alone");
}

Error cannot_open(const std::string& path, int number) {
  switch (number) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
      return fail(Errc::not_found, path + " is not there: plug the modem in, or name another device");
    case EACCES:
    case EPERM:
      return fail(Errc::denied,
                  path + " may not be opened: add the account that runs this program to the group dialout");
    case EBUSY:
      return busy(path, -1);
    default:
      return fail(Errc::io, path + " cannot be opened (" + std::strerror(number) +
                                "): pull the modem's cable out and put it in again");
  }
}

bool make_raw(int descriptor) {
  termios settings{};
  if (tcgetattr(descriptor, &settings) != 0) return false;
  cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  // A port whose lines fall when it is closed would restart many boards at the next start.
  settings.c_cflag &= static_cast<tcflag_t>(~(CRTSCTS | CSTOPB | HUPCL));
  settings.c_cc[VMIN] = 1;
  settings.c_cc[VTIME] = 0;
  return cfsetspeed(&settings, B115200) == 0 && tcsetattr(descriptor, TCSANOW, &settings) == 0 &&
         tcflush(descriptor, TCIFLUSH) == 0;
}

}  // namespace

Result<int> open_serial(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return cannot_open(path, errno);
  const auto refuse = [&](Error error) {
    close(descriptor);
    return error;
  };
  struct stat status {};
  if (fstat(descriptor, &status) != 0 || !S_ISCHR(status.st_mode) || isatty(descriptor) != 1) {
    return refuse(fail(Errc::unsupported, path + " is no serial port: name the modem's device, such as /dev/ttyUSB0"));
  }
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) return refuse(busy(path, descriptor));
  // For programs that do not ask for the lock. A pty keeps this beyond our end while its maker holds it open.
  if (!is_pty(status) && ioctl(descriptor, TIOCEXCL) != 0) return refuse(cannot_open(path, errno));
  if (!make_raw(descriptor)) {
    const int number = errno;
    ioctl(descriptor, TIOCNXCL);
    return refuse(cannot_open(path, number));
  }
  return descriptor;
}

void leave_serial(int descriptor) {
  int waiting = 0;
  for (int turn = 0; turn < drain_turns; ++turn) {
    if (ioctl(descriptor, TIOCOUTQ, &waiting) != 0 || waiting == 0) break;
    std::this_thread::sleep_for(drain_turn);
  }
  if (waiting != 0) tcflush(descriptor, TCOFLUSH);
  ioctl(descriptor, TIOCNXCL);
}

}  // namespace khuoi::radio
