#include "sim/air/transceiver.h"

#include <algorithm>

#include "sync/base/check.h"

namespace khuoi::sim {

namespace {

constexpr std::uint8_t split_flag = 0x01;
constexpr std::size_t frame_data_octets_max = radio::frame_octets_max - 1;

}  // namespace

Micros Transceiver::slot(const radio::Modulation& modulation) {
  return std::clamp<Micros>(radio::symbol_time(modulation) * 12, std::chrono::milliseconds(24),
                            std::chrono::milliseconds(100));
}

Transceiver::Transceiver(EventLoop& loop, Air& air, std::uint64_t seed)
    : loop_(loop), air_(air), rng_(seed), number_(air.add(*this)), alarm_(loop) {}

void Transceiver::start(const Tuning& tuning) {
  stop();
  tuning_ = tuning;
  air_.tune(number_, tuning);
  wait();
}

void Transceiver::stop() {
  stop_waiting();
  window_.reset();
  going_.clear();
  half_sequence_.reset();
  tuning_.reset();
  air_.tune(number_, std::nullopt);
}

void Transceiver::reset() {
  stop();
  queue_.clear();
  queued_octets_ = 0;
}

bool Transceiver::full() const { return queue_.size() >= queue_packets_max || queued_octets_ >= queue_octets_max; }

bool Transceiver::enqueue(ByteView packet) {
  KHUOI_CHECK(!packet.empty() && packet.size() <= packet_octets_max);
  if (full() || queued_octets_ + packet.size() > queue_octets_max) return false;
  queue_.push_back(to_bytes(packet));
  queued_octets_ += packet.size();
  wait();
  return true;
}

// Listen before talk.

void Transceiver::wait() {
  if (!tuning_ || queue_.empty() || !going_.empty() || air_.is_sending(number_) || alarm_.when()) return;
  if (!window_) window_ = slot(tuning_->modulation) * static_cast<std::int64_t>(rng_.below(window_slots));
  if (air_.hears_carrier(number_)) return;
  free_since_ = loop_.now();
  alarm_.set(loop_.now() + difs(tuning_->modulation) + *window_, [this] { flush(); });
}

/// What has passed of the random wait counts; the wait before it begins anew.
void Transceiver::stop_waiting() {
  if (!alarm_.when()) return;
  const Micros passed = loop_.now() - free_since_ - difs(tuning_->modulation);
  window_ = *window_ - std::clamp<Micros>(passed, Micros(0), *window_);
  alarm_.clear();
}

void Transceiver::carrier_changed() {
  if (!tuning_) return;
  if (air_.hears_carrier(number_))
    stop_waiting();
  else
    wait();
}

/// All that is queued goes, one frame behind the other.
void Transceiver::flush() {
  window_.reset();
  for (const Bytes& packet : queue_) {
    const bool split = packet.size() > frame_data_octets_max;
    const auto header = static_cast<std::uint8_t>((rng_.below(16) << 4) | (split ? split_flag : 0));
    for (ByteView rest = packet; !rest.empty();) {
      const ByteView part = rest.first(std::min(rest.size(), frame_data_octets_max));
      going_.push_back({header});
      append(going_.back(), part);
      rest = rest.subspan(part.size());
    }
  }
  queue_.clear();
  queued_octets_ = 0;
  send_next();
}

void Transceiver::send_next() {
  Bytes frame = std::move(going_.front());
  going_.pop_front();
  air_.send(number_, std::move(frame), radio::rnode_preamble_symbols(tuning_->modulation));
}

void Transceiver::sent() {
  if (!going_.empty()) return send_next();
  wait();
  if (is_idle() && hooks_.on_idle) hooks_.on_idle();
}

// What comes in.

void Transceiver::heard(ByteView octets, const radio::Signal& signal) {
  if (octets.empty()) return;
  const auto sequence = static_cast<std::uint8_t>(octets[0] >> 4);
  const ByteView data = octets.subspan(1);
  if ((octets[0] & split_flag) == 0) {
    half_sequence_.reset();
    if (hooks_.on_packet) hooks_.on_packet(data, signal);
    return;
  }
  if (half_sequence_ != sequence) {  // the first half, in place of one whose second half never came
    half_sequence_ = sequence;
    half_ = to_bytes(data);
    return;
  }
  half_sequence_.reset();
  append(half_, data);
  if (hooks_.on_packet) hooks_.on_packet(half_, signal);
}

}  // namespace khuoi::sim
