#pragma once

#include "radio/modem/forwarder.h"
#include "sim/air/forwarder_device.h"

namespace khuoi::sim {

/// A commune's concentrator in the time of an event loop: the packet forwarder's emulation and the program's own server
/// of it, without sockets between them. Threads: one.
class AirConcentrator final : public radio::Modem {
 public:
  /// Borrows both for its life, and stays in the air as long. 125 kHz; the base lies on one of its eight channels.
  AirConcentrator(EventLoop& loop, Air& air, const radio::ModemSettings& settings, std::uint64_t seed);

  void start(Hooks hooks) override;
  void stop() override;
  [[nodiscard]] State state() const override;
  [[nodiscard]] radio::Channel base() const override { return server_.base(); }
  [[nodiscard]] bool hears_all() const override { return true; }
  void listen(unsigned) override {}
  [[nodiscard]] bool free() const override { return server_.free(); }
  void send(ByteView frame, const radio::Channel& channel) override;
  [[nodiscard]] std::size_t frame_octets_max() const override { return 254; }
  [[nodiscard]] Micros airtime(std::size_t octets, unsigned spreading_factor) const override {
    return server_.airtime(octets, spreading_factor);
  }

  /// What a test may do to it.
  ForwarderDevice& device() { return device_; }
  [[nodiscard]] ModemNumber number() const { return device_.number(); }
  [[nodiscard]] const radio::ForwarderFigures& figures() const { return server_.figures(); }

 private:
  void up(const ForwarderDevice::Sent& sent);
  void settle();

  EventLoop& loop_;
  ForwarderDevice device_;
  SeededRng rng_;
  radio::Forwarder server_;
  Modem::Hooks hooks_;
  bool settling_ = false;
  std::uint64_t life_ = 0;  ///< datagrams of one that ended are lost
  Alarm wakes_;
};

}  // namespace khuoi::sim
