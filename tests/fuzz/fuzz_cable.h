#pragma once

#include <algorithm>
#include <functional>
#include <memory>

#include "radio/modem/cable.h"
#include "sync/base/check.h"

namespace khuoi::radio {

/// A modem that says anything at any time: the host's half stays in order, and says the same in whatever pieces it
/// hears it. The input: n × (octets u8 | time u8, 50 ms each | octets that the modem says)
class FuzzCable final {
 public:
  struct Maker {
    std::function<std::unique_ptr<CableModem>()> make;
    std::function<void(const HeardFrame&)> check;  ///< what is true of each frame that it hands up, beside its length
    unsigned factors = 6;                          ///< so many spreading factors from 7 on are listened to in turn
  };

  static void run(const std::uint8_t* data, std::size_t size, const Maker& maker) {
    if (size < 1) return;
    const ByteView input(data + 1, size - 1);
    KHUOI_CHECK(said(input, 256, maker) == said(input, std::size_t{data[0]} + 1, maker));
  }

 private:
  struct Said {
    Bytes written;
    std::vector<Bytes> heard;
    std::string why;
    bool up = false;
    bool operator==(const Said&) const = default;
  };

  FuzzCable(std::size_t piece, const Maker& maker) : maker_(maker), modem_(maker.make()), piece_(piece) { open(); }

  static Said said(ByteView input, std::size_t piece, const Maker& maker) {
    FuzzCable cable(piece, maker);
    Reader in(input);
    while (!in.rest().empty()) {
      const std::size_t octets = in.u8();
      const Micros time = std::chrono::milliseconds(50) * in.u8();
      cable.hear(in.raw(std::min(octets, in.rest().size())));
      cable.pass(time);
    }
    return cable.said_;
  }

  void hear(ByteView octets) {
    while (!octets.empty()) {
      const ByteView some = octets.first(std::min(piece_, octets.size()));
      octets = octets.subspan(some.size());
      modem_->on_octets(some, now_);
    }
    take();
  }
  void pass(Micros time) {
    const Instant until = now_ + time;
    for (int turns = 0;; ++turns) {
      KHUOI_CHECK(turns < 1000);  // each turn moves the deadline
      const auto next = modem_->next_deadline();
      if (!next || *next > until) break;
      now_ = std::max(now_, *next);
      modem_->on_timer(now_);
      take();
    }
    now_ = until;
    if (modem_->failed()) open();
    if (modem_->free()) {
      modem_->send(Bytes(20, 0xc0), now_);
      KHUOI_CHECK(!modem_->free());
      if (time > std::chrono::seconds(10))
        modem_->listen(7 + static_cast<unsigned>(time.count() / 50'000) % maker_.factors, now_);
    }
    take();
  }
  void open() {
    modem_->closed();
    modem_->opened(now_);
  }
  void take() {
    append(said_.written, modem_->poll_transmit());
    while (auto frame = modem_->poll_frame()) {
      KHUOI_CHECK(!frame->octets.empty() && frame->octets.size() <= modem_->frame_octets_max());
      if (maker_.check) maker_.check(*frame);
      said_.heard.push_back(std::move(frame->octets));
    }
    said_.why = modem_->why();
    said_.up = modem_->up();
    KHUOI_CHECK(!modem_->failed() || !said_.why.empty());
    KHUOI_CHECK(!modem_->up() || said_.why.empty());
    KHUOI_CHECK(modem_->failed() == !modem_->next_deadline());
  }

  const Maker& maker_;
  std::unique_ptr<CableModem> modem_;
  Instant now_{std::chrono::seconds(1000)};
  std::size_t piece_;
  Said said_;
};

}  // namespace khuoi::radio
