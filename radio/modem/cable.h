#pragma once

#include <optional>
#include <string>

#include "radio/modem/modem.h"

namespace khuoi::radio {

/// A frame as the modem heard it.
struct HeardFrame {
  Bytes octets;
  Signal signal;
};

/// A modem on a cable, over octets and time: finds it, sets it up, reads back what is in force, sends and hears frames,
/// and asks now and then whether it still is what it was set up to be. It never sees a port or a clock.
///
/// The driver's rule: opened(); after every call take poll_transmit(), poll_frame() and poll_changed(), and set a timer
/// at next_deadline(). When failed(): write what is left, close the port, wait, and open it again. Threads: none.
class CableModem {
 public:
  virtual ~CableModem() = default;

  /// The port has been opened, which may have started the board anew.
  virtual void opened(Instant now) = 0;
  /// The port is gone.
  virtual void closed() = 0;
  virtual void on_octets(ByteView octets, Instant now) = 0;
  virtual void on_timer(Instant now) = 0;
  /// While free(), 1 to frame_octets_max() octets; on channel().
  virtual void send(ByteView frame, Instant now) = 0;
  /// Another spreading factor, 5 to 12, once what was handed over must have left. At once when it is not up: then it
  /// comes up with it.
  virtual void listen(unsigned spreading_factor, Instant now) = 0;
  /// Before the port is closed for good.
  virtual void leave() = 0;

  /// For the port; empty when there is nothing to write.
  virtual Bytes poll_transmit() = 0;
  virtual std::optional<HeardFrame> poll_frame() = 0;
  /// Whether up(), free(), why() or figures changed since the last call.
  virtual bool poll_changed() = 0;
  [[nodiscard]] virtual std::optional<Instant> next_deadline() const = 0;

  [[nodiscard]] virtual bool up() const = 0;
  [[nodiscard]] virtual bool failed() const = 0;
  [[nodiscard]] virtual bool free() const = 0;
  /// What keeps it down: one sentence with what to do.
  [[nodiscard]] virtual const std::string& why() const = 0;
  /// What is in force, or was when it was last up.
  [[nodiscard]] virtual Channel channel() const = 0;

  // As Modem's.
  [[nodiscard]] virtual Channel base() const = 0;
  [[nodiscard]] virtual std::size_t frame_octets_max() const = 0;
  [[nodiscard]] virtual Micros airtime(std::size_t octets, unsigned spreading_factor) const = 0;
};

}  // namespace khuoi::radio
