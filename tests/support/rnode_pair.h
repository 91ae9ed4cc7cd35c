#pragma once

#include <catch2/catch.hpp>
#include <vector>

#include "radio/modem/rnode.h"
#include "tests/support/rnode_board.h"

namespace khuoi::tests {

inline const radio::ModemSettings rnode_settings{921'400'000, {125'000, 9, 5, radio::Chip::sx126x}, 14};

/// A host's half and a board, in virtual time, without a cable's delay.
struct RnodePair {
  explicit RnodePair(const radio::RnodeConfig& config = {rnode_settings}) : rnode(config) {}

  void hear(ByteView octets) {
    rnode.on_octets(octets, now);
    settle();
  }
  void settle() {
    for (;;) {
      changes += rnode.poll_changed() ? 1 : 0;
      while (auto frame = rnode.poll_frame()) heard.push_back(std::move(*frame));
      const Bytes out = rnode.poll_transmit();
      if (out.empty()) return;
      append(written, out);
      const Bytes answer = board.answer(out);
      rnode.on_octets(answer, now);
    }
  }
  void run(Micros time) {
    const Instant until = now + time;
    settle();
    while (auto next = rnode.next_deadline()) {
      if (*next > until) break;
      now = std::max(now, *next);
      rnode.on_timer(now);
      settle();
    }
    now = until;
  }
  RnodePair& open() {
    rnode.opened(now);
    settle();
    return *this;
  }
  RnodePair& bring_up() {
    open().run(std::chrono::seconds(1));
    REQUIRE(rnode.up());
    REQUIRE(rnode.free());
    return *this;
  }

  RnodeBoard board;
  radio::Rnode rnode;
  Instant now = Instant(std::chrono::seconds(1000));
  std::vector<radio::HeardFrame> heard;
  Bytes written;
  int changes = 0;
};

}  // namespace khuoi::tests
