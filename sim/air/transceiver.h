#pragma once

#include "sim/air/air.h"

namespace khuoi::sim {

/// What an RNode's firmware does between its queue and its antenna: listen before talk, the octet before each frame,
/// packets of more than 254 octets in two frames. Source: RNode firmware 1.86, tx_queue_handler(), flush_queue(),
/// receive_callback(). Threads: one.
class Transceiver final : public Ear {
 public:
  static constexpr std::size_t packet_octets_max = 508, queue_octets_max = 6144, queue_packets_max = 200;
  static constexpr std::uint64_t window_slots = 14;  ///< 0 to 13 of them
  struct Hooks {
    std::function<void(ByteView packet, const radio::Signal& signal)> on_packet;
    std::function<void()> on_idle;  ///< the queue is empty and the last frame has left
  };
  /// 12 symbols, from 24 to 100 ms.
  static Micros slot(const radio::Modulation& modulation);
  static Micros difs(const radio::Modulation& modulation) { return slot(modulation) * 2; }

  /// Borrows both for its life, and stays in the air as long.
  Transceiver(EventLoop& loop, Air& air, std::uint64_t seed);
  void set_hooks(Hooks hooks) { hooks_ = std::move(hooks); }

  /// What is under way is cut off; the queue stays.
  void start(const Tuning& tuning);
  /// The same; nothing is sent or heard until start().
  void stop();
  /// Off, and the queue is lost.
  void reset();
  /// Takes 1 to 508 octets; whether there was room.
  bool enqueue(ByteView packet);
  [[nodiscard]] bool full() const;
  [[nodiscard]] bool is_on() const { return tuning_.has_value(); }
  [[nodiscard]] bool is_idle() const { return queue_.empty() && going_.empty() && !air_.is_sending(number_); }
  [[nodiscard]] bool is_sending() const { return air_.is_sending(number_); }
  [[nodiscard]] std::size_t queued() const { return queue_.size(); }
  [[nodiscard]] ModemNumber number() const { return number_; }

  void heard(ByteView octets, const radio::Signal& signal) override;
  void carrier_changed() override;
  void sent() override;

 private:
  void wait();
  void stop_waiting();
  void flush();
  void send_next();

  EventLoop& loop_;
  Air& air_;
  SeededRng rng_;
  Hooks hooks_;
  ModemNumber number_;
  std::optional<Tuning> tuning_;
  std::deque<Bytes> queue_;  ///< packets
  std::size_t queued_octets_ = 0;
  std::deque<Bytes> going_;       ///< frames that go one behind the other
  std::optional<Micros> window_;  ///< what is left of the random wait
  Alarm alarm_;                   ///< when the air has been free for long enough
  Instant free_since_{};
  std::optional<std::uint8_t> half_sequence_;
  Bytes half_;  ///< the first half of a packet that comes in two frames
};

}  // namespace khuoi::sim
