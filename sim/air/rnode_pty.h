#pragma once

#include <deque>
#include <string>

#include "sim/air/rnode_device.h"

namespace khuoi::sim {

/// An RNode on a pty: what a program finds behind a serial port. A symlink at a path of the caller's choice leads to
/// it, also after it was pulled and put back under another number. Threads: one.
class RnodePty final {
 public:
  /// Borrows both for its life. Nothing is there before plug().
  RnodePty(EventLoop& loop, Air& air, std::uint64_t seed, std::string link);
  ~RnodePty() { close_pty(); }
  RnodePty(const RnodePty&) = delete;
  RnodePty& operator=(const RnodePty&) = delete;

  /// Makes the pty and the symlink, and gives it power. Returns why it could not, or an empty text.
  std::string plug();
  /// The pty and the symlink are gone, and so is its power.
  void pull();
  void reset() { device_.boot(); }
  /// Octets come so much later, both ways.
  void set_delay(Micros delay) { delay_ = delay; }
  RnodeDevice& device() { return device_; }

  /// The descriptor to wait on for reading; -1 while there is nobody to hear from.
  [[nodiscard]] int descriptor() const { return hung_up_ ? -1 : pty_; }
  [[nodiscard]] bool wants_to_write() const { return !hung_up_ && !out_.empty(); }
  /// Moves octets both ways as far as it goes without waiting. To be called after each wait and each turn of the loop,
  /// and every 20 ms: nothing tells when a program opens a pty that nobody had open.
  void work();

 private:
  std::string open_pty();
  void close_pty();
  void read_some();
  void write_some();
  void deliver(bool to_device, Bytes octets);

  EventLoop& loop_;
  RnodeDevice device_;
  std::string link_, made_;  ///< made_: what the symlink names
  int pty_ = -1;
  bool hung_up_ = true;    ///< no program has it open
  bool was_open_ = false;  ///< a program had it open
  Micros delay_{};
  Bytes out_;
  std::uint64_t plugged_ = 0;  ///< octets on their way to what was pulled since are lost
};

}  // namespace khuoi::sim
