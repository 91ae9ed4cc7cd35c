#pragma once

#include "sim/air/transceiver.h"

namespace khuoi::sim {

/// An RNode with its driver, by behaviour, in the time of an event loop. As with a driver on a cable, free() is
/// reckoned: nobody tells when a frame has left, so it is free once what was handed over must have left; a frame that
/// comes in meanwhile says that ours may still wait. While another's frame is still on the air, no driver knows of it:
/// then it may count as free too early, as with the real one. Threads: one.
class AirModem final : public radio::Modem {
 public:
  /// Borrows both for its life, and stays in the air as long.
  AirModem(EventLoop& loop, Air& air, const radio::ModemSettings& settings, std::uint64_t seed);

  void start(Hooks hooks) override;
  void stop() override;
  [[nodiscard]] State state() const override;
  [[nodiscard]] radio::Channel base() const override { return {settings_.frequency_hz, base_factor_}; }
  [[nodiscard]] bool hears_all() const override { return false; }
  void listen(unsigned spreading_factor) override;
  [[nodiscard]] bool free() const override { return up_ && !gone_at_.when() && !switching(); }
  void send(ByteView frame, const radio::Channel& channel) override;
  [[nodiscard]] std::size_t frame_octets_max() const override;
  [[nodiscard]] Micros airtime(std::size_t octets, unsigned spreading_factor) const override;

  /// Pulled out of its port: it loses what it had queued.
  void pull();
  /// Put back; it is up at once.
  void plug();
  /// It starts anew by itself: down so long, and its queue is lost.
  void reset(Micros down);
  [[nodiscard]] ModemNumber number() const { return transceiver_.number(); }
  [[nodiscard]] const Transceiver& transceiver() const { return transceiver_; }

 private:
  void take(ByteView packet, const radio::Signal& signal);
  void set_up(bool up, std::string why);
  void wait_again();
  void ask_for_room();
  void changed();
  void tune();
  void switch_if_asked();
  [[nodiscard]] bool switching() const { return settings_.modulation.spreading_factor != asked_for_; }
  [[nodiscard]] Micros airtime_now(std::size_t octets) const;

  EventLoop& loop_;
  Transceiver transceiver_;
  radio::ModemSettings settings_;  ///< those in force
  unsigned base_factor_, asked_for_;
  Modem::Hooks hooks_;
  bool started_ = false, plugged_ = true, up_ = false;
  std::string why_;
  Instant handed_at_{};  ///< the earliest time at which the last frame can have begun to wait
  Micros handed_airtime_{};
  Alarm gone_at_;  ///< when it must have left, if nobody else is on the air
  Alarm back_at_, switched_at_;
};

}  // namespace khuoi::sim
