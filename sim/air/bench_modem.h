#pragma once

#include <string>

#include "sim/air/air.h"

namespace khuoi::sim {

/// A modem's firmware as its host sees it on the cable, octet by octet. Threads: one.
class CableDevice {
 public:
  virtual ~CableDevice() = default;
  /// From the host.
  virtual void on_octets(ByteView octets) = 0;
  /// For the host.
  virtual Bytes take_output() = 0;

  // What a test may do to it.
  virtual void boot() = 0;
  /// No power, until boot().
  virtual void power_off() = 0;
  /// It tells a frequency that it is not set to.
  virtual void set_lying(bool lying) = 0;
  /// It says that it can take no frame.
  virtual void set_full(bool full) = 0;
  [[nodiscard]] virtual ModemNumber number() const = 0;
};

/// A modem in real time, as the bench handles it, whatever leads to it. Threads: one.
class BenchModem {
 public:
  virtual ~BenchModem() = default;
  /// Gives it power, and makes what leads to it. Returns why it could not, or an empty text.
  virtual std::string plug() = 0;
  /// It is gone.
  virtual void pull() = 0;
  virtual void reset() = 0;
  /// What it says and hears comes so much later.
  virtual void set_delay(Micros delay) = 0;
  virtual void set_lying(bool lying) = 0;
  virtual void set_full(bool full) = 0;
  [[nodiscard]] virtual ModemNumber number() const = 0;

  /// The descriptor to wait on for reading; -1 while there is nobody to hear from.
  [[nodiscard]] virtual int descriptor() const = 0;
  [[nodiscard]] virtual bool wants_to_write() const = 0;
  /// Moves octets both ways as far as it goes without waiting. To be called after each wait and each turn of the loop,
  /// and every 20 ms.
  virtual void work() = 0;
};

}  // namespace khuoi::sim
