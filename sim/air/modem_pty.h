#pragma once

#include <memory>

#include "sim/air/bench_modem.h"

namespace khuoi::sim {

/// A modem on a pty: what a program finds behind a serial port. A symlink at a path of the caller's choice leads to
/// it, also after it was pulled and put back under another number. Threads: one.
class ModemPty final : public BenchModem {
 public:
  /// Borrows the loop for its life. Nothing is there before plug().
  ModemPty(EventLoop& loop, std::unique_ptr<CableDevice> device, std::string link);
  ~ModemPty() override { close_pty(); }
  ModemPty(const ModemPty&) = delete;
  ModemPty& operator=(const ModemPty&) = delete;

  /// Makes the pty and the symlink.
  std::string plug() override;
  /// The pty and the symlink are gone, and so is its power.
  void pull() override;
  void reset() override { device_->boot(); }
  void set_delay(Micros delay) override { delay_ = delay; }
  void set_lying(bool lying) override { device_->set_lying(lying); }
  void set_full(bool full) override { device_->set_full(full); }
  [[nodiscard]] ModemNumber number() const override { return device_->number(); }

  [[nodiscard]] int descriptor() const override { return hung_up_ ? -1 : pty_; }
  [[nodiscard]] bool wants_to_write() const override { return !hung_up_ && !out_.empty(); }
  /// Nothing tells when a program opens a pty that nobody had open.
  void work() override;

 private:
  std::string open_pty();
  void close_pty();
  void read_some();
  void write_some();
  void deliver(bool to_device, Bytes octets);

  EventLoop& loop_;
  std::unique_ptr<CableDevice> device_;
  std::string link_, made_;  ///< made_: what the symlink names
  int pty_ = -1;
  bool hung_up_ = true;    ///< no program has it open
  bool was_open_ = false;  ///< a program had it open
  Micros delay_{};
  Bytes out_;
  std::uint64_t plugged_ = 0;  ///< octets on their way to what was pulled since are lost
};

}  // namespace khuoi::sim
