#include <catch2/catch.hpp>

#include "tests/support/rnode_pair.h"

using namespace khuoi;
using namespace khuoi::radio;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using tests::RnodeBoard;
using Pair = tests::RnodePair;

namespace {

const Bytes frame(20, 0xc0);
constexpr std::uint32_t hz = 921'400'000;

}  // namespace

TEST_CASE("rnode listen: another spreading factor is in force once the board has said so", "[radio]") {
  Pair pair;
  pair.bring_up();
  CHECK(pair.rnode.channel() == Channel{hz, 9});
  pair.board.mute = {0x04};
  pair.rnode.listen(7, pair.now);
  pair.settle();
  CHECK_FALSE(pair.rnode.free());
  CHECK(pair.rnode.up());
  pair.hear(RnodeBoard::one(0x04, {9}));  // the answer to an older question
  CHECK_FALSE(pair.rnode.free());
  CHECK(pair.rnode.channel() == Channel{hz, 9});
  pair.hear(RnodeBoard::heard(frame));
  pair.hear(RnodeBoard::one(0x04, {7}));
  CHECK(pair.rnode.free());
  CHECK(pair.rnode.channel() == Channel{hz, 7});
  pair.hear(RnodeBoard::heard(frame));
  REQUIRE(pair.heard.size() == 2);
  CHECK(pair.heard[0].signal.channel == Channel{hz, 9});
  CHECK(pair.heard[1].signal.channel == Channel{hz, 7});
  pair.board.factor = 7;
  // The wait and the time on air are those of the new one.
  pair.board.mute = {};
  CHECK(pair.rnode.wait_max() == rnode_wait_max({125'000, 7, 5}));
  pair.rnode.send(frame, pair.now);
  pair.run(rnode_wait_max({125'000, 7, 5}) + rnode_airtime({125'000, 7, 5}, frame.size()) + 10ms);
  CHECK(pair.rnode.free());
  pair.run(1min);
  CHECK(pair.rnode.up());
  CHECK(pair.rnode.figures().resets == 0);
}

TEST_CASE("rnode listen: what was handed over leaves with the old spreading factor", "[radio]") {
  Pair pair;
  pair.bring_up();
  pair.rnode.send(frame, pair.now);
  pair.rnode.listen(12, pair.now);
  const unsigned told = pair.board.asked[0x04];
  pair.run(pair.rnode.wait_max() - 1ms);
  CHECK(pair.board.factor == 9);
  CHECK(pair.board.asked[0x04] == told);
  pair.run(1s);
  CHECK(pair.board.factor == 12);
  CHECK(pair.rnode.free());
}

TEST_CASE("rnode listen: one asked for while another is under way comes after it, and the last counts", "[radio]") {
  Pair pair;
  pair.bring_up();
  pair.board.mute = {0x04};
  pair.rnode.listen(7, pair.now);
  pair.rnode.listen(12, pair.now);
  pair.rnode.listen(8, pair.now);
  pair.settle();
  pair.hear(RnodeBoard::one(0x04, {7}));
  CHECK_FALSE(pair.rnode.free());
  pair.board.mute = {};
  pair.run(2s);
  CHECK(pair.board.factor == 8);
  CHECK(pair.rnode.free());
  const unsigned told = pair.board.asked[0x04];
  pair.rnode.listen(8, pair.now);
  CHECK(pair.rnode.free());
  pair.settle();
  CHECK(pair.board.asked[0x04] == told);
}

TEST_CASE("rnode listen: a board that starts anew, is pulled out or was not there comes up with the one asked for last",
          "[radio]") {
  Pair pair;
  pair.rnode.listen(11, pair.now);
  pair.bring_up();
  CHECK(pair.board.factor == 11);
  pair.rnode.listen(7, pair.now);
  pair.settle();
  CHECK(pair.board.factor == 7);
  pair.hear(pair.board.boot());
  pair.run(2s);
  CHECK(pair.rnode.free());
  CHECK(pair.board.factor == 7);
  pair.rnode.closed();
  pair.board.boot();
  pair.rnode.listen(8, pair.now);
  pair.bring_up();
  CHECK(pair.board.factor == 8);
}

TEST_CASE("rnode listen: a board that does not answer is set up again, and one that takes no other is named",
          "[radio]") {
  Pair pair;
  pair.bring_up();
  pair.board.mute = {0x04};
  pair.rnode.listen(7, pair.now);
  pair.settle();
  pair.board.mute = {};
  pair.board.factor = 9;
  pair.run(1s);  // it is told again
  CHECK(pair.rnode.free());
  CHECK(pair.board.factor == 7);
  CHECK(pair.rnode.figures().resets == 0);

  pair.board.factor_max = 8;
  pair.rnode.listen(12, pair.now);
  pair.run(5s);
  REQUIRE(pair.rnode.failed());
  CHECK_THAT(pair.rnode.why(), Contains("keeps spreading factor 8 where 12 was set"));
}

TEST_CASE("rnode listen: a heartbeat that is out does not count the new spreading factor as lost settings", "[radio]") {
  Pair pair;
  pair.bring_up();
  pair.board.mute = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06};
  pair.run(5s);  // it is asked
  pair.rnode.listen(7, pair.now);
  pair.hear(RnodeBoard::one(0x01, *from_hex("36eba350")));
  for (const auto& [command, value] :
       std::vector<std::pair<std::uint8_t, std::uint8_t>>{{0x03, 14}, {0x04, 9}, {0x05, 5}, {0x06, 1}}) {
    pair.hear(RnodeBoard::one(command, {value}));
  }
  pair.board.mute = {};
  pair.run(10s);
  CHECK(pair.rnode.free());
  CHECK(pair.board.factor == 7);
  CHECK(pair.rnode.figures().resets == 0);
}
