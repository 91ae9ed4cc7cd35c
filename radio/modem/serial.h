#pragma once

#include <memory>
#include <string>

#include "radio/modem/cable.h"

namespace boost::asio {
class io_context;
}

namespace khuoi::radio {

/// A modem on a serial port. A port that is missing, taken, or pulled out, and a modem that is down, are tried again
/// after a pause that doubles; nothing of it ends the program. Threads: that of `io` alone. `io` lives until all its
/// handlers have run.
class SerialModem final : public Modem {
 public:
  struct Pauses {
    Micros first = std::chrono::seconds(1);
    Micros most = std::chrono::seconds(10);
  };
  SerialModem(boost::asio::io_context& io, std::string device, std::unique_ptr<CableModem> modem, const Pauses& pauses);
  SerialModem(boost::asio::io_context& io, std::string device, std::unique_ptr<CableModem> modem)
      : SerialModem(io, std::move(device), std::move(modem), Pauses()) {}
  ~SerialModem() override;  ///< stops

  /// `on_change` is called from the loop, never from within a call of this class; `on_frame` as well.
  void start(Hooks hooks) override;
  /// Leaves the modem. No hook is called from now on.
  void stop() override;
  [[nodiscard]] State state() const override;
  [[nodiscard]] Channel base() const override;
  [[nodiscard]] bool hears_all() const override { return false; }
  void listen(unsigned spreading_factor) override;
  [[nodiscard]] bool free() const override;
  void send(ByteView frame, const Channel& channel) override;
  [[nodiscard]] std::size_t frame_octets_max() const override;
  [[nodiscard]] Micros airtime(std::size_t octets, unsigned spreading_factor) const override;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  ///< shared with the handlers under way
};

}  // namespace khuoi::radio
