#include "node/engine/lost_pages.h"

#include <unistd.h>

#include <csignal>

namespace khuoi::node {

namespace {

/// A signal finds it nowhere else, and may not make it.
std::string& sentence() {
  static std::string out;
  return out;
}

void on_bus_error(int number, siginfo_t* info, void*) {
  if (info->si_code == BUS_ADRERR) {
    (void)!::write(STDERR_FILENO, sentence().data(), sentence().size());
    ::_exit(1);
  }
  ::signal(number, SIG_DFL);
  ::raise(number);
}

}  // namespace

void tell_of_lost_pages(const std::string& data) {
  sentence() =
      "khuoi: part of the store " + data +
      "/store is missing or cannot be read: its file was cut short, or the disk fails. 'khuoi verify' says more; "
      "restore a backup into a new folder.\n";
  struct sigaction action {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace khuoi::node
