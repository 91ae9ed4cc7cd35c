#pragma once

#include <functional>
#include <optional>
#include <string>

#include "radio/airtime.h"
#include "sync/base/bytes.h"

namespace khuoi::radio {

/// How well a frame was heard.
struct Signal {
  double rssi_dbm = 0;
  double snr_db = 0;
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
  /// It is up, and nothing handed over earlier is still waiting to go on the air, as far as the modem tells.
  [[nodiscard]] virtual bool free() const = 0;
  /// At most 254 octets, while free(). What was handed over counts as sent, whatever becomes of the modem.
  virtual void send(ByteView frame) = 0;
  /// How long the modem will be on the air for a frame of so many octets, its own octets and preamble counted.
  [[nodiscard]] virtual Micros airtime(std::size_t octets) const = 0;
};

}  // namespace khuoi::radio
