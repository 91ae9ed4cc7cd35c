#pragma once

#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "sim/air/air.h"

namespace khuoi::sim {

/// A concentrator (SX1302) with its packet forwarder, as a server sees it by its datagrams: eight channels of 125 kHz,
/// each with SF5 to 12 at the same time, one sender, and deaf while that sends. It goes by its settings alone: no GPS,
/// no listen-before-talk. Written without radio/modem/, which it tests. Source: sx1302_hal,
/// packet_forwarder/PROTOCOL.md and lora_pkt_fwd. Threads: one.
class ForwarderDevice final : public Ear {
 public:
  /// It has one socket for what goes up (PUSH_DATA), and one for what comes down (PULL_DATA).
  enum class Socket : std::uint8_t { up, down };
  struct Sent {
    Socket socket = Socket::up;
    Bytes octets;
  };
  static constexpr std::uint32_t channel_step_hz = 200'000;
  /// Borrows both for its life, and stays in the air as long. Its first channel; the other seven lie above it.
  ForwarderDevice(EventLoop& loop, Air& air, std::uint64_t eui, std::uint32_t first_channel_hz = 921'700'000);

  /// From the server.
  void on_datagram(Socket socket, ByteView octets);
  std::deque<Sent> take_output() { return std::exchange(out_, {}); }
  /// Called whenever there is something to take.
  void set_on_output(std::function<void()> hook) { on_output_ = std::move(hook); }

  // What a test may do to it.
  void boot();
  void power_off();
  /// It says that it may not send on this frequency.
  void set_lying(bool lying) { lying_ = lying; }
  /// It says that it is to send something else at that time.
  void set_full(bool full) { full_ = full; }
  /// It says nothing when it is given a frame.
  void set_silent(bool silent) { silent_ = silent; }
  [[nodiscard]] ModemNumber number() const { return number_; }
  /// So many PULL_DATA and PUSH_DATA in a row had no answer.
  [[nodiscard]] unsigned unanswered() const { return unanswered_; }

  void heard(ByteView octets, const radio::Signal& signal) override;
  void carrier_changed() override {}
  void sent() override {}

 private:
  void put(Socket socket, std::uint8_t kind, std::uint16_t token, const std::string& json);
  void pull();
  void push();
  void take_response(ByteView octets);
  std::string transmit(const std::string& json);

  EventLoop& loop_;
  Air& air_;
  std::uint64_t eui_;
  std::uint32_t first_hz_;
  ModemNumber number_;
  Alarm pulls_, pushes_;
  bool on_ = false, lying_ = false, full_ = false, silent_ = false;
  unsigned unanswered_ = 0;
  std::uint16_t last_token_ = 0;
  std::string packets_;  ///< what was heard since the last PUSH_DATA
  std::deque<Sent> out_;
  std::function<void()> on_output_;
};

}  // namespace khuoi::sim
