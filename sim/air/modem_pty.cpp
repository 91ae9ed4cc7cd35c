#include "sim/air/modem_pty.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace khuoi::sim {

namespace {

/// What a host does not take while its port is open is lost beyond this.
constexpr std::size_t cable_octets_max = 64 * 1024;

std::string failure(std::string what) { return std::move(what) + ": " + std::strerror(errno); }

}  // namespace

ModemPty::ModemPty(EventLoop& loop, std::unique_ptr<CableDevice> device, std::string link)
    : loop_(loop), device_(std::move(device)), link_(std::move(link)) {
  device_->power_off();
}

std::string ModemPty::plug() {
  if (pty_ >= 0) return "";
  if (std::string why = open_pty(); !why.empty()) {
    close_pty();
    return why;
  }
  ++plugged_;
  device_->boot();
  return "";
}

void ModemPty::pull() {
  close_pty();
  ++plugged_;
  device_->power_off();
}

std::string ModemPty::open_pty() {
  pty_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  std::array<char, 128> name{};
  if (pty_ < 0 || ::grantpt(pty_) != 0 || ::unlockpt(pty_) != 0 || ::ptsname_r(pty_, name.data(), name.size()) != 0) {
    return failure("cannot make a pty");
  }
  // A pty begins as a person's terminal, which would send everything back.
  const int port = ::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  termios settings{};
  const bool raw = port >= 0 && ::tcgetattr(port, &settings) == 0;
  if (raw) {
    ::cfmakeraw(&settings);
    ::tcsetattr(port, TCSANOW, &settings);
  }
  if (port >= 0) ::close(port);
  if (!raw) return failure(std::string("cannot set up ") + name.data());
  // Put in place at once: a program that looks finds the old one or the new one.
  const std::string beside = link_ + ".new";
  ::unlink(beside.c_str());
  if (::symlink(name.data(), beside.c_str()) != 0 || std::rename(beside.c_str(), link_.c_str()) != 0) {
    return failure("cannot make the symlink " + link_);
  }
  made_ = name.data();
  hung_up_ = true;
  was_open_ = false;
  return "";
}

void ModemPty::close_pty() {
  if (pty_ >= 0) ::close(pty_);
  pty_ = -1;
  hung_up_ = true;
  out_.clear();
  // The name may lead somewhere else by now.
  std::array<char, 128> name{};
  const ssize_t octets = ::readlink(link_.c_str(), name.data(), name.size());
  if (!made_.empty() && octets > 0 && made_ == std::string_view(name.data(), static_cast<std::size_t>(octets))) {
    ::unlink(link_.c_str());
  }
  made_.clear();
}

void ModemPty::work() {
  if (pty_ < 0) return;
  pollfd state{pty_, POLLIN, 0};
  ::poll(&state, 1, 0);
  if ((state.revents & POLLIN) != 0) read_some();
  hung_up_ = (state.revents & POLLHUP) != 0;
  if (hung_up_ && was_open_) {
    // Who had it alone (TIOCEXCL) has left, but the pty still keeps others out: another one takes its place.
    close_pty();
    if (const std::string why = open_pty(); !why.empty()) std::fprintf(stderr, "khuoi-sim: %s\n", why.c_str());
  }
  if (!hung_up_) was_open_ = true;
  if (Bytes octets = device_->take_output(); !octets.empty()) deliver(false, std::move(octets));
  if (!hung_up_) write_some();
}

void ModemPty::read_some() {
  std::array<std::uint8_t, 4096> octets{};
  for (;;) {
    const ssize_t count = ::read(pty_, octets.data(), octets.size());
    if (count <= 0) return;
    deliver(true, Bytes(octets.begin(), octets.begin() + count));
  }
}

void ModemPty::write_some() {
  while (!out_.empty()) {
    const ssize_t count = ::write(pty_, out_.data(), out_.size());
    if (count <= 0) return;
    out_.erase(out_.begin(), out_.begin() + count);
  }
}

void ModemPty::deliver(bool to_device, Bytes octets) {
  const auto arrive = [this, to_device, plugged = plugged_](const Bytes& all) {
    if (plugged != plugged_) return;
    if (to_device)
      device_->on_octets(all);
    else if (!hung_up_ && out_.size() + all.size() <= cable_octets_max)
      append(out_, all);
  };
  if (delay_ == Micros(0)) return arrive(octets);
  loop_.after(delay_, [arrive, octets = std::move(octets)] { arrive(octets); });
}

}  // namespace khuoi::sim
