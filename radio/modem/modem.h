#pragma once

#include <functional>
#include <optional>
#include <string>

#include "radio/airtime.h"
#include "sync/base/bytes.h"

namespace khuoi::radio {

/// What two modems must have in common to hear each other, beside the bandwidth.
struct Channel {
  std::uint32_t frequency_hz = 0;
  unsigned spreading_factor = 0;  ///< 5 to 12
  auto operator<=>(const Channel&) const = default;
};

/// How well a frame was heard, and where.
struct Signal {
  double rssi_dbm = 0;
  double snr_db = 0;
  Channel channel = {};
};

/// What a modem is set to.
struct ModemSettings {
  std::uint32_t frequency_hz = 0;
  Modulation modulation;
  int power_dbm = 0;
};

/// A half-duplex modem as a driver sees it: frames in, frames out. Threads: one.
class Modem {
 public:
  virtual ~Modem() = default;

  struct State {
    bool up = false;
    std::string why;  ///< one sentence on what keeps it down; empty when it is up, or has just been started
  };
  struct Hooks {
    std::function<void(ByteView frame, const Signal& signal)> on_frame;
    std::function<void()> on_change;  ///< of state(), free() or figures()
  };
  /// Once. A modem that is missing, or is pulled out later, is looked for again until stop().
  virtual void start(Hooks hooks) = 0;
  virtual void stop() = 0;

  [[nodiscard]] virtual State state() const = 0;
  /// What it is set to, and listens on until listen() says otherwise.
  [[nodiscard]] virtual Channel base() const = 0;
  /// It hears every spreading factor at once, and sends with any: a concentrator. Else it hears and sends with one.
  [[nodiscard]] virtual bool hears_all() const = 0;
  /// From now on hears and sends with this spreading factor, 5 to 12, on the base's frequency. What was handed over
  /// before has its turn first, as far as the modem tells; free() is false until the modem has said that the new one is
  /// in force. A modem that is down, or starts anew, comes up with the one asked for last. Nothing to do where
  /// hears_all().
  virtual void listen(unsigned spreading_factor) = 0;
  /// It is up, and nothing handed over earlier is still waiting to go on the air, as far as the modem tells.
  [[nodiscard]] virtual bool free() const = 0;
  /// At most frame_octets_max(), while free(); on the channel that it listens on, or any where hears_all(). What was
  /// handed over counts as sent, whatever becomes of the modem.
  virtual void send(ByteView frame, const Channel& channel) = 0;
  [[nodiscard]] virtual std::size_t frame_octets_max() const = 0;
  /// How long the modem will be on the air for a frame of so many octets, its own octets and preamble counted.
  [[nodiscard]] virtual Micros airtime(std::size_t octets, unsigned spreading_factor) const = 0;
};

}  // namespace khuoi::radio
