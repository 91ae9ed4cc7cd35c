#pragma once

#include <deque>

#include "sim/air/air.h"

namespace khuoi::sim {

/// Somebody with a modem and no key: sends random octets, frames that he heard, and those with some bits flipped.
class JunkSender final : public Ear {
 public:
  /// Borrows both for its life, and stays in the air as long. It speaks about so often, from now on.
  JunkSender(EventLoop& loop, Air& air, const Tuning& tuning, Micros every, std::uint64_t seed);
  void stop();
  [[nodiscard]] ModemNumber number() const { return number_; }

  void heard(ByteView octets, const radio::Signal& signal) override;
  void carrier_changed() override {}
  void sent() override {}

 private:
  void wait();
  Bytes make();

  EventLoop& loop_;
  Air& air_;
  Tuning tuning_;
  Micros every_;
  SeededRng rng_;
  ModemNumber number_;
  Alarm speaks_;
  std::deque<Bytes> heard_;
};

}  // namespace khuoi::sim
