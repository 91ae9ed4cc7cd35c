#pragma once

#include <memory>
#include <string>

#include "radio/modem/forwarder.h"

namespace boost::asio {
class io_context;
}

namespace khuoi::radio {

/// A concentrator behind a packet forwarder, which sends its datagrams to this node. An address that cannot be taken is
/// tried again after a pause; nothing of it ends the program. Threads: that of `io` alone. `io` lives until all its
/// handlers have run.
class UdpModem final : public Modem {
 public:
  /// Borrows `rng` for its life. `local`: the numeric address and port at which the forwarder is awaited; port 0: any
  /// free one.
  UdpModem(boost::asio::io_context& io, UdpPeer local, const ForwarderConfig& config, Rng& rng);
  ~UdpModem() override;  ///< stops

  /// `on_change` is called from the loop, never from within a call of this class; `on_frame` as well.
  void start(Hooks hooks) override;
  /// No hook is called from now on.
  void stop() override;
  [[nodiscard]] State state() const override;
  [[nodiscard]] Channel base() const override;
  [[nodiscard]] bool hears_all() const override { return true; }
  void listen(unsigned) override {}
  [[nodiscard]] bool free() const override;
  void send(ByteView frame, const Channel& channel) override;
  [[nodiscard]] std::size_t frame_octets_max() const override { return 254; }
  [[nodiscard]] Micros airtime(std::size_t octets, unsigned spreading_factor) const override;

  /// Where the forwarder is awaited; 0 while the address could not be taken.
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] const ForwarderFigures& figures() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  ///< shared with the handlers under way
};

}  // namespace khuoi::radio
