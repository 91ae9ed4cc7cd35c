#pragma once

#include <utility>

#include "sim/air/bench_modem.h"
#include "sync/base/rng.h"

namespace khuoi::sim {

/// The firmware of an RYLR896 or RYLR998 as its host sees it on the cable. Its 8 octets before the data are no public
/// format: here they are network, addresses and length, and tell a frame of the same family from others. Settings
/// outlive a reset and a power cut. Written without radio/modem/, which it tests. Source: REYAX, LoRa AT command guides
/// of 28-Jul-2022 (RYLR896) and 23-OCT-2023 (RYLR998). Threads: one.
class RylrDevice final : public CableDevice, public Ear {
 public:
  enum class Model : std::uint8_t { rylr896, rylr998 };
  /// Borrows both for its life, and stays in the air as long. It boots as soon as it is made.
  RylrDevice(EventLoop& loop, Air& air, Model model);

  void on_octets(ByteView octets) override;
  Bytes take_output() override { return std::exchange(out_, {}); }
  void boot() override;
  void power_off() override;
  void set_lying(bool lying) override { lying_ = lying; }
  /// It answers each AT+SEND with +ERR=17.
  void set_full(bool full) override { full_ = full; }
  /// It says +OK as soon as it has a frame, not once that has left: the guides leave it open.
  void set_early_ok(bool early) { early_ok_ = early; }
  [[nodiscard]] ModemNumber number() const override { return number_; }
  /// How often a setting was written.
  [[nodiscard]] unsigned writes() const { return writes_; }

  void heard(ByteView octets, const radio::Signal& signal) override;
  void carrier_changed() override {}
  void sent() override;

 private:
  void run(const std::string& line);
  void run_setting(const std::string& name, const std::string& value);
  void run_send(const std::string& arguments);
  bool set(const std::string& name, const std::string& value);
  bool set_parameter(const std::string& value);
  bool is_known(const std::string& name) const;
  std::string value_of(const std::string& name) const;
  void say(const std::string& line);
  void say_error(unsigned number) { say("+ERR=" + std::to_string(number)); }
  void retune();

  EventLoop& loop_;
  Air& air_;
  Model model_;
  ModemNumber number_;
  Alarm booted_;
  std::string in_;
  Bytes out_;
  bool ready_ = false, lying_ = false, full_ = false, early_ok_ = false;
  unsigned writes_ = 0;

  // What it is set to.
  std::uint32_t band_hz_ = 915'000'000;
  unsigned factor_, bandwidth_ = 7, rate_ = 1, preamble_;
  unsigned address_ = 0, network_, power_, mode_ = 0;
};

}  // namespace khuoi::sim
