#pragma once

#include <utility>

#include "sim/air/bench_modem.h"
#include "sim/air/transceiver.h"

namespace khuoi::sim {

/// The firmware of an RNode (1.86 on an ESP32 with an SX1262) as its host sees it on the cable, octet by octet. What is
/// left out: its airtime limits are told and not kept, and the wait on a busy channel does not grow. Written without
/// radio/modem/, which it tests. Source: RNode firmware, RNode_Firmware.ino, Utilities.h, Framing.h. Threads: one.
class RnodeDevice final : public CableDevice {
 public:
  /// Borrows both for its life, and stays in the air as long. It boots as soon as it is made.
  RnodeDevice(EventLoop& loop, Air& air, std::uint64_t seed);

  /// While a frame is on the air the firmware reads nothing: the octets wait.
  void on_octets(ByteView octets) override;
  Bytes take_output() override { return std::exchange(out_, {}); }

  void boot() override;
  /// Queue, settings and octets are lost, as with each boot.
  void power_off() override;
  void set_lying(bool lying) override { lying_ = lying; }
  /// Its queue says that it is full.
  void set_full(bool full) override { full_ = full; }
  [[nodiscard]] ModemNumber number() const override { return transceiver_.number(); }

  [[nodiscard]] const Transceiver& transceiver() const { return transceiver_; }

 private:
  void read(std::uint8_t octet);
  void run();
  void run_setting();
  void run_radio(std::uint8_t wanted);
  void take_packet();
  void put(std::uint8_t command, const Bytes& data);
  void put_u32(std::uint8_t command, std::uint32_t value);
  void put_physical();
  void put_channel();
  void tell_now_and_then();
  void hear(ByteView packet, const radio::Signal& signal);
  void retune();
  [[nodiscard]] bool can_start() const;

  EventLoop& loop_;
  Air& air_;
  Transceiver transceiver_;
  Alarm booted_, statistics_;
  Bytes in_, out_;
  bool ready_ = false, lying_ = false, full_ = false;
  unsigned seconds_ = 0;

  // What it reads.
  bool in_frame_ = false, escape_ = false;
  std::optional<std::uint8_t> command_;
  Bytes data_;

  // What it is set to; zero before the host has said so.
  std::uint32_t frequency_hz_ = 0, bandwidth_hz_ = 0;
  std::uint8_t spreading_factor_ = 0, coding_rate_ = 5, power_dbm_ = 0xff;
  std::uint16_t short_limit_ = 0, long_limit_ = 0;  ///< per cent × 100
};

}  // namespace khuoi::sim
