#pragma once

#include "sim/air/bench_modem.h"
#include "sim/air/forwarder_device.h"

namespace khuoi::sim {

/// A packet forwarder that sends its datagrams to a port of this machine. Threads: one.
class ModemUdp final : public BenchModem {
 public:
  /// Borrows both for its life. Nothing is there before plug().
  ModemUdp(EventLoop& loop, Air& air, std::uint64_t eui, std::uint16_t port);
  ~ModemUdp() override { close_sockets(); }
  ModemUdp(const ModemUdp&) = delete;
  ModemUdp& operator=(const ModemUdp&) = delete;

  /// Makes the sockets, with ports that it did not have before.
  std::string plug() override;
  void pull() override;
  /// The same program starts anew: other ports.
  void reset() override;
  void set_delay(Micros delay) override { delay_ = delay; }
  void set_lying(bool lying) override { device_.set_lying(lying); }
  void set_full(bool full) override { device_.set_full(full); }
  [[nodiscard]] ModemNumber number() const override { return device_.number(); }
  /// Of the socket for what comes down.
  [[nodiscard]] int descriptor() const override { return down_; }
  [[nodiscard]] bool wants_to_write() const override { return false; }
  void work() override;

 private:
  std::string open_sockets();
  void close_sockets();
  void read(ForwarderDevice::Socket socket);
  [[nodiscard]] int at(ForwarderDevice::Socket socket) const {
    return socket == ForwarderDevice::Socket::up ? up_ : down_;
  }
  void deliver(const std::function<void()>& what);

  EventLoop& loop_;
  ForwarderDevice device_;
  std::uint16_t port_;
  int up_ = -1, down_ = -1;
  Micros delay_{};
  std::uint64_t plugged_ = 0;  ///< datagrams on their way to what was pulled since are lost
};

}  // namespace khuoi::sim
