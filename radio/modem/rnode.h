#pragma once

#include <deque>
#include <initializer_list>
#include <string>

#include "radio/modem/cable.h"
#include "radio/modem/factor_switch.h"
#include "radio/modem/rnode_reports.h"

namespace khuoi::radio {

struct RnodeConfig {
  ModemSettings settings;
  /// The modem's own limits of its time on air, as a second lock beside the duty ledger; zero: none.
  unsigned short_airtime_ppm = 0;  ///< of 15 s
  unsigned long_airtime_ppm = 0;   ///< of an hour
};

/// A frame has at most so many octets: an RNode would send a longer one as two.
inline constexpr std::size_t rnode_frame_octets_max = 254;

/// How long an RNode is on the air for a frame of so many octets (at most 254): it adds one octet.
Micros rnode_airtime(const Modulation& modulation, std::size_t octets);

/// How long an RNode waits at most before a frame while the air is free and it has sent little of late: DIFS and the
/// random wait of its CSMA. Source: RNode firmware 1.86, tx_queue_handler().
Micros rnode_wait_max(const Modulation& modulation);

/// An RNode waits so many slots before its random wait; see Rnode::wait_max().
inline constexpr std::int64_t rnode_difs_slots = 2;

/// One RNode over octets and time. Memory: the frames of one on_octets() and a few hundred octets.
class Rnode final : public CableModem {
 public:
  explicit Rnode(const RnodeConfig& config)
      : config_(config), settings_(config.settings), asked_for_(config.settings.modulation.spreading_factor) {}

  void opened(Instant now) override;
  void closed() override;
  void on_octets(ByteView octets, Instant now) override;
  void on_timer(Instant now) override;
  void send(ByteView frame, Instant now) override;
  /// As everywhere, it is reckoned when a frame must have left: what still waits while another's frame is on the air
  /// goes with the new spreading factor.
  void listen(unsigned spreading_factor, Instant now) override;
  /// Radio off, host gone.
  void leave() override;

  Bytes poll_transmit() override;
  std::optional<HeardFrame> poll_frame() override;
  bool poll_changed() override;
  [[nodiscard]] std::optional<Instant> next_deadline() const override;

  [[nodiscard]] bool up() const override { return phase_ == Phase::up; }
  [[nodiscard]] bool failed() const override { return phase_ == Phase::failed; }
  [[nodiscard]] bool free() const override { return up() && !under_way_ && !switching(); }
  [[nodiscard]] const std::string& why() const override { return why_; }
  [[nodiscard]] Channel channel() const override {
    return {settings_.frequency_hz, settings_.modulation.spreading_factor};
  }
  [[nodiscard]] Channel base() const override {
    return {config_.settings.frequency_hz, config_.settings.modulation.spreading_factor};
  }
  [[nodiscard]] std::size_t frame_octets_max() const override { return rnode_frame_octets_max; }
  [[nodiscard]] Micros airtime(std::size_t octets, unsigned spreading_factor) const override;
  [[nodiscard]] const RnodeFigures& figures() const { return figures_; }
  /// The same as rnode_wait_max(), or longer where the modem says that its slots are longer or more.
  [[nodiscard]] Micros wait_max() const;

 private:
  /// detecting: is it an RNode; setting: all values but the radio; starting: radio on; checking: all values, read back.
  enum class Phase : std::uint8_t { closed, detecting, setting, starting, checking, up, failed };

  void take_frame(KissFrame&& frame, Instant now);
  void take_identity(const KissFrame& frame, Instant now);
  void take_value(const KissFrame& frame, Instant now);
  void take_ready(const KissFrame& frame, Instant now);
  void take_error(const KissFrame& frame, Instant now);
  void take_heard(KissFrame&& frame, Instant now);
  void malformed();

  void begin(Phase phase, Instant now);
  void ask(Instant now);
  void ask_identity();
  void ask_settings();
  void ask_readings();
  void advance(Instant now);
  void advance_identity(Instant now);
  void check_readings(Instant now);
  void restart(Phase phase, std::string why, Instant now);
  void fail_with(std::string why, bool reset);
  [[nodiscard]] std::string unanswered() const;
  void on_flow_timer(Instant now);
  void tell_factor(Instant now);
  void switch_if_asked(Instant now);
  void take_switched(unsigned spreading_factor, Instant now);
  [[nodiscard]] bool switching() const { return settings_.modulation.spreading_factor != asked_for_; }
  void wait_from(Instant now, Micros later);
  void forget_frame();
  [[nodiscard]] Micros slot() const;

  void put(std::uint8_t command, std::initializer_list<std::uint8_t> data);
  void put_u32(std::uint8_t command, std::uint32_t value);
  void put_u16(std::uint8_t command, unsigned value);

  RnodeConfig config_;
  ModemSettings settings_;  ///< those of config_ but for the spreading factor, which listen() changes
  unsigned asked_for_;      ///< the spreading factor that listen() named last
  FactorSwitch switch_;
  Phase phase_ = Phase::closed;
  std::string why_;
  bool changed_ = false;
  RnodeFigures figures_;
  KissReader reader_;
  Bytes out_;
  std::deque<HeardFrame> heard_;
  Signal signal_;  ///< of the frame that comes next

  Instant ask_at_{};     ///< when the question of this phase is put, or put again
  Instant give_up_{};    ///< when the phase fails; while up: when the answer is due
  bool asked_ = false;   ///< while up: a question is out
  unsigned missed_ = 0;  ///< while up: questions without an answer
  bool is_rnode_ = false, firmware_known_ = false;
  RnodeReadings readings_;
  std::deque<Instant> restarts_;

  bool under_way_ = false;            ///< a frame was handed over and may not have left yet
  std::optional<Instant> handed_at_;  ///< the earliest time at which the last frame can have begun to wait
  Instant gone_at_{};                 ///< when it must have left, if nobody else is on the air
  Micros airtime_{};                  ///< its time on the air
  Instant poll_at_{};                 ///< when the modem is asked whether it has room
  std::optional<Instant> polled_at_;
  unsigned polls_missed_ = 0;
  Instant full_since_{};
};

}  // namespace khuoi::radio
