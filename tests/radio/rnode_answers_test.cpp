#include "radio/modem/rnode.h"

#include <catch2/catch.hpp>

#include "tests/support/rnode_pair.h"

using namespace khuoi;
using namespace khuoi::radio;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using tests::RnodeBoard;
using Pair = tests::RnodePair;

namespace {

const ModemSettings& settings = tests::rnode_settings;
const Bytes frame(20, 0xc0);

}  // namespace

TEST_CASE("rnode: reports whose lengths lie change nothing", "[radio]") {
  Pair pair;
  pair.bring_up();
  const RnodeFigures before = pair.rnode.figures();
  for (const char* lie :
       {"c001c0",       "c0010000c0", "c0010000000000c0", "c020c0",     "c023c0",     "c0230102c0", "c024c0",
        "c025000102c0", "c0260001c0", "c02701c0",         "c0280102c0", "c029c0",     "c090c0",     "c0900102c0",
        "c055c0",       "c0550000c0", "c00fc0",           "c00f0101c0", "c0060101c0", "c00602c0"}) {
    CAPTURE(lie);
    pair.hear(*from_hex(lie));
    CHECK(pair.rnode.up());
    CHECK(pair.rnode.free());
  }
  CHECK(pair.rnode.figures().malformed == before.malformed + 19);
  CHECK_FALSE(pair.rnode.figures().channel);
  pair.run(20s);
  CHECK(pair.rnode.up());
}

TEST_CASE("rnode: a frame that was heard comes with its signal", "[radio]") {
  Pair pair;
  pair.bring_up();
  pair.hear(RnodeBoard::heard(frame, 57, -9));
  REQUIRE(pair.heard.size() == 1);
  CHECK(pair.heard[0].octets == frame);
  CHECK(pair.heard[0].signal.rssi_dbm == -100);
  CHECK(pair.heard[0].signal.snr_db == -2.25);
  CHECK(pair.rnode.figures().received == 1);
}

TEST_CASE("rnode: frames of others that are longer than ours are left out and counted", "[radio]") {
  Pair pair;
  pair.bring_up();
  pair.hear(RnodeBoard::heard(Bytes(254, 1)));
  pair.hear(RnodeBoard::heard(Bytes(255, 1)));
  pair.hear(RnodeBoard::heard(Bytes(508, 1)));
  pair.hear(RnodeBoard::heard({}));
  CHECK(pair.heard.size() == 1);
  CHECK(pair.rnode.figures().foreign == 3);
}

TEST_CASE("rnode: the modem is free once the frame must have left and the board has room", "[radio]") {
  Pair pair;
  pair.bring_up();
  const Micros airtime = rnode_airtime(settings.modulation, frame.size());
  // SF9 at 125 kHz: a symbol takes 4.096 ms, a slot 12 of them.
  CHECK(pair.rnode.wait_max() == 16 * 12 * 4096us);
  CHECK(rnode_wait_max(settings.modulation) == pair.rnode.wait_max());
  CHECK(rnode_wait_max({500'000, 7, 5, Chip::sx126x}) == 16 * 24ms);
  CHECK(rnode_wait_max({125'000, 12, 5, Chip::sx126x}) == 16 * 100ms);
  pair.rnode.send(frame, pair.now);
  CHECK_FALSE(pair.rnode.free());
  pair.run(0s);
  REQUIRE(pair.board.queue.size() == 1);
  CHECK(pair.board.queue[0] == frame);
  pair.run(pair.rnode.wait_max() + airtime);
  CHECK_FALSE(pair.rnode.free());
  CHECK(pair.board.asked[0x0f] == 0);
  pair.run(5ms);  // the cable's time
  CHECK(pair.rnode.free());
  CHECK(pair.board.asked[0x0f] == 1);
}

TEST_CASE("rnode: READY that nobody asked for frees nothing", "[radio]") {
  Pair pair;
  pair.bring_up();
  pair.rnode.send(frame, pair.now);
  pair.settle();
  pair.hear(RnodeBoard::one(0x0f, {1}));
  CHECK_FALSE(pair.rnode.free());
}

TEST_CASE("rnode: a full queue is asked again until it has room", "[radio]") {
  Pair pair;
  pair.bring_up();
  pair.board.full = true;
  pair.rnode.send(frame, pair.now);
  pair.run(20s);
  CHECK(pair.rnode.up());
  CHECK_FALSE(pair.rnode.free());
  pair.board.full = false;
  pair.run(1s);
  CHECK(pair.rnode.free());
}

TEST_CASE("rnode: a queue that stays full is down with a sentence", "[radio]") {
  Pair pair;
  pair.bring_up();
  pair.board.full = true;
  pair.rnode.send(frame, pair.now);
  pair.run(130s);
  REQUIRE(pair.rnode.failed());
  CHECK_THAT(pair.rnode.why(), Contains("queue is full") && Contains("antenna"));
  CHECK(pair.board.asked[0x55] == 1);
}

TEST_CASE("rnode: a board that never says READY is down with a sentence", "[radio]") {
  Pair pair;
  pair.bring_up();
  pair.board.mute = {0x0f};
  pair.rnode.send(frame, pair.now);
  pair.run(9s);
  CHECK(pair.rnode.up());
  CHECK_FALSE(pair.rnode.free());
  pair.run(5s);
  REQUIRE(pair.rnode.failed());
  CHECK_THAT(pair.rnode.why(), Contains("does not say whether it can send again"));
}

TEST_CASE("rnode: a frame heard while ours still waited makes it wait anew", "[radio]") {
  const std::size_t octets = GENERATE(60U, 254U);  // the longer one ends when ours should have left
  Pair pair;
  pair.bring_up();
  const Bytes other(octets, 7);
  pair.rnode.send(frame, pair.now);
  pair.run(rnode_airtime(settings.modulation, other.size()));  // it had begun as ours was handed over
  CHECK(pair.rnode.free() == (octets == 254));
  pair.hear(RnodeBoard::heard(other));
  const Micros again = pair.rnode.wait_max() + rnode_airtime(settings.modulation, frame.size());
  CHECK_FALSE(pair.rnode.free());
  pair.run(again - 1ms);
  CHECK_FALSE(pair.rnode.free());
  pair.run(2ms);
  CHECK(pair.rnode.free());
}

TEST_CASE("rnode: an answer to our frame does not hold the next one back", "[radio]") {
  Pair pair;
  pair.bring_up();
  const Micros ours = rnode_airtime(settings.modulation, frame.size());
  pair.rnode.send(frame, pair.now);
  const Micros shortest = 2 * 12 * 4096us;
  const Instant free_at = pair.now + pair.rnode.wait_max() + ours + 5ms;
  pair.run(shortest + ours + shortest + rnode_airtime(settings.modulation, 12));
  pair.hear(RnodeBoard::heard(Bytes(12, 1)));
  pair.run(free_at - pair.now);
  CHECK(pair.rnode.free());
}

TEST_CASE("rnode: a busy channel, as the board tells, means a longer wait", "[radio]") {
  Pair pair;
  pair.bring_up();
  const Micros quiet = pair.rnode.wait_max();
  pair.hear(RnodeBoard::one(0x28, {3, 30, 45}));
  CHECK(pair.rnode.wait_max() == quiet / 16 * 46);
  pair.hear(RnodeBoard::one(0x28, {3, 30, 255}));
  CHECK(pair.rnode.wait_max() == quiet / 16 * 61);
}

TEST_CASE("rnode: a board that resets itself with frames queued is set up again", "[radio]") {
  Pair pair;
  pair.bring_up();
  pair.rnode.send(frame, pair.now);
  pair.settle();
  pair.hear(pair.board.boot());
  CHECK_FALSE(pair.rnode.up());
  CHECK_FALSE(pair.rnode.free());
  CHECK_THAT(pair.rnode.why(), Contains("started anew"));
  pair.run(1s);
  REQUIRE(pair.rnode.up());
  CHECK(pair.rnode.free());
  CHECK(pair.rnode.why().empty());
  CHECK(pair.board.on);
  CHECK(pair.board.queue.empty());
  CHECK(pair.rnode.figures().sent == 1);
  CHECK(pair.rnode.figures().resets == 1);
}

TEST_CASE("rnode: a board that resets itself without a word is found within seconds", "[radio]") {
  Pair pair;
  pair.bring_up();
  pair.board.boot();
  pair.run(6s);
  CHECK(pair.rnode.up());
  CHECK(pair.board.on);
  CHECK(pair.board.frequency == settings.frequency_hz);
  CHECK(pair.rnode.figures().resets == 1);
}

TEST_CASE("rnode: a setting that changed by itself is set again", "[radio]") {
  Pair pair;
  pair.bring_up();
  pair.board.factor = 12;
  pair.run(6s);
  CHECK(pair.rnode.up());
  CHECK(pair.board.factor == 9);
  pair.board.on = false;
  pair.run(6s);
  CHECK(pair.rnode.up());
  CHECK(pair.board.on);
  CHECK(pair.rnode.figures().resets == 2);
}

TEST_CASE("rnode: a board that starts anew again and again is down with a sentence", "[radio]") {
  Pair pair;
  pair.bring_up();
  for (int i = 0; i < 4; ++i) {
    pair.hear(pair.board.boot());
    if (!pair.rnode.failed()) pair.run(2s);
  }
  REQUIRE(pair.rnode.failed());
  CHECK_THAT(pair.rnode.why(), Contains("again and again") && Contains("power supply"));
  Pair rare;
  rare.bring_up();
  for (int i = 0; i < 20; ++i) {
    rare.hear(rare.board.boot());
    rare.run(30s);
    REQUIRE(rare.rnode.up());
  }
}

TEST_CASE("rnode: a board that goes silent is down within 20 s, with a reset and a sentence", "[radio]") {
  Pair pair;
  pair.bring_up();
  pair.board.silent = true;
  pair.run(20s);
  REQUIRE(pair.rnode.failed());
  CHECK_THAT(pair.rnode.why(), Contains("stopped answering") && Contains("cable"));
  const Bytes reset = *from_hex("c055f8c0");
  REQUIRE(pair.written.size() > reset.size());
  CHECK(equal(ByteView(pair.written).last(reset.size()), reset));
  pair.board.silent = false;
  pair.open();
  CHECK_THAT(pair.rnode.why(), Contains("stopped answering"));  // until it is up, that is what is known
  pair.run(2s);
  CHECK(pair.rnode.up());
  CHECK(pair.rnode.why().empty());
}

TEST_CASE("rnode: a board that answers nothing while it sends a long frame is not silent", "[radio]") {
  const ModemSettings slow{921'400'000, {125'000, 12, 8, Chip::sx126x}, 14};
  Pair pair({slow});
  pair.bring_up();
  const Micros airtime = rnode_airtime(slow.modulation, 254);
  REQUIRE(airtime > 10s);
  for (int i = 0; i < 10; ++i) {
    pair.rnode.send(Bytes(254, 1), pair.now);
    pair.settle();
    pair.board.silent = true;
    pair.run(airtime);
    pair.board.silent = false;
    for (int wait = 0; wait < 10 && !pair.rnode.free(); ++wait) pair.run(1s);
    REQUIRE(pair.rnode.free());
  }
}

TEST_CASE("rnode: each error of the board does what it must", "[radio]") {
  Pair pair;
  pair.bring_up();
  SECTION("it could not send, as its radio was off") {
    pair.board.on = false;
    pair.rnode.send(frame, pair.now);
    pair.settle();
    CHECK(pair.rnode.figures().lost == 1);
    CHECK(pair.rnode.figures().last_error == 2U);
    CHECK(pair.rnode.up());  // set up again at once
    CHECK(pair.board.on);
    CHECK(pair.rnode.figures().resets == 1);
  }
  SECTION("the queue was full") {
    pair.hear(RnodeBoard::one(0x90, {4}));
    CHECK(pair.rnode.up());
    CHECK(pair.rnode.figures().lost == 1);
  }
  SECTION("the radio chip does not start") {
    pair.hear(RnodeBoard::one(0x90, {1}));
    REQUIRE(pair.rnode.failed());
    CHECK_THAT(pair.rnode.why(), Contains("radio chip does not start") && Contains("another board"));
  }
  SECTION("no memory, or the chip stopped: it is reset and set up again") {
    for (std::uint8_t code = 5; code <= 6; ++code) {
      pair.hear(RnodeBoard::one(0x90, {code}));
      CHECK_FALSE(pair.rnode.free());
      CHECK_THAT(pair.rnode.why(), Contains("was reset"));
      pair.run(2s);
      CHECK(pair.rnode.up());
      CHECK(pair.board.asked[0x55] == code - 4U);
    }
  }
  SECTION("one that is not known") {
    pair.hear(RnodeBoard::one(0x90, {0x77}));
    CHECK(pair.rnode.up());
    CHECK(pair.rnode.figures().last_error == 0x77U);
  }
}

TEST_CASE("rnode: statistics are read as the firmware writes them", "[radio]") {
  Pair pair;
  pair.bring_up();
  pair.hear(
      *from_hex("c025"
                "0064"
                "0001"
                "03e8"
                "2710"
                "39"
                "2a"
                "ff"
                "c0"));
  pair.hear(
      *from_hex("c026"
                "1000"
                "00f4"
                "0012"
                "004a"
                "0031"
                "0062"
                "c0"));
  pair.hear(
      *from_hex("c02702"
                "5fc0"));
  pair.hear(*from_hex("c02991c0"));
  const RnodeFigures& figures = pair.rnode.figures();
  REQUIRE(figures.channel);
  CHECK(figures.channel->airtime_short_ppm == 10'000);
  CHECK(figures.channel->airtime_long_ppm == 100);
  CHECK(figures.channel->load_short_ppm == 100'000);
  CHECK(figures.channel->load_long_ppm == 1'000'000);
  CHECK(figures.channel->rssi_dbm == -100);
  CHECK(figures.channel->noise_dbm == -115);
  CHECK_FALSE(figures.channel->interference_dbm);
  REQUIRE(figures.physical);
  CHECK(figures.physical->symbol_us == 4096);
  CHECK(figures.physical->preamble_symbols == 18);
  CHECK(figures.physical->slot_ms == 49);
  CHECK(figures.physical->difs_ms == 98U);
  REQUIRE(figures.battery);
  CHECK(figures.battery->percent == 95);
  CHECK(figures.temperature_c == 25);
  pair.hear(
      *from_hex("c025"
                "0064"
                "0001"
                "03e8"
                "2710"
                "c0"));  // firmware before 1.80
  CHECK_FALSE(figures.channel->rssi_dbm);
}

TEST_CASE("rnode: a port that is gone ends what was under way", "[radio]") {
  Pair pair;
  pair.bring_up();
  pair.rnode.send(frame, pair.now);
  pair.rnode.closed();
  CHECK_FALSE(pair.rnode.up());
  CHECK_FALSE(pair.rnode.free());
  CHECK_FALSE(pair.rnode.next_deadline());
  CHECK(pair.rnode.poll_transmit().empty());
  pair.bring_up();
}

TEST_CASE("rnode: at the end the radio is turned off", "[radio]") {
  Pair pair;
  pair.bring_up();
  pair.rnode.leave();
  CHECK(to_hex(pair.rnode.poll_transmit()) == "c00600c0c00affc0");
}

TEST_CASE("rnode: time on the air counts the board's own octet and preamble", "[radio]") {
  // SF7 at 125 kHz: 24 symbols of preamble, 255 octets.
  CHECK(rnode_airtime({125'000, 7, 5, Chip::sx126x}, 254) ==
        time_on_air({125'000, 7, 5, Chip::sx126x}, {.preamble_symbols = 24}, 255));
  CHECK(rnode_airtime({125'000, 7, 5, Chip::sx126x}, 254) > 410ms);
  CHECK(rnode_airtime({125'000, 7, 5, Chip::sx126x}, 254) < 420ms);
}
