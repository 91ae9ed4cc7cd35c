#include "radio/modem/rnode.h"

#include <catch2/catch.hpp>

#include "sync/base/rng.h"
#include "tests/support/rnode_pair.h"
#include "tests/support/seed.h"

using namespace khuoi;
using namespace khuoi::radio;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Pair = tests::RnodePair;

namespace {

const ModemSettings& settings = tests::rnode_settings;

}  // namespace

TEST_CASE("rnode: a board is found, set up, read back and up", "[radio]") {
  Pair pair({settings, 100'000, 10'000});
  pair.open();
  CHECK_FALSE(pair.rnode.up());
  CHECK(pair.rnode.why().empty());
  pair.board.promiscuous = true;
  pair.run(1s);
  REQUIRE(pair.rnode.up());
  CHECK(pair.rnode.free());
  CHECK(pair.rnode.why().empty());
  CHECK(pair.board.on);
  CHECK(pair.board.frequency == 921'400'000);
  CHECK(pair.board.bandwidth == 125'000);
  CHECK(pair.board.power == 14);
  CHECK(pair.board.factor == 9);
  CHECK(pair.board.rate == 5);
  CHECK(pair.board.short_limit == 1000);
  CHECK(pair.board.long_limit == 100);
  CHECK_FALSE(pair.board.promiscuous);
  CHECK(pair.rnode.figures().firmware_minor == 86);
  CHECK(starts_with(pair.written, *from_hex("c00873c0"
                                            "c05000c0"
                                            "c04800c0"
                                            "c04900c0")));
}

TEST_CASE("rnode: limits that another program left in the board are taken off", "[radio]") {
  Pair pair;
  pair.board.short_limit = 7;
  pair.bring_up();
  CHECK(pair.board.short_limit == 0);
  CHECK(pair.board.long_limit == 0);
}

TEST_CASE("rnode: a board that still boots is asked again", "[radio]") {
  Pair pair;
  pair.board.silent = true;
  pair.open().run(4s);
  CHECK_FALSE(pair.rnode.up());
  pair.board.silent = false;
  pair.hear(view_of("ets Jun  8 2016 00:22:57\r\nrst:0x1 (POWERON_RESET)\r\n"));
  pair.hear(pair.board.boot());
  pair.run(2s);
  CHECK(pair.rnode.up());
  CHECK(pair.rnode.figures().resets == 0);
}

TEST_CASE("rnode: garbage, echo and NULs before the answer do no harm", "[radio]") {
  Pair pair;
  pair.open();
  pair.hear(*from_hex("000000c0ffdbffc0c0c0dbdb00c000"));
  pair.hear(
      *from_hex("c00873c0"
                "c05000c0"
                "c04800c0"
                "c04900c0"));  // our own question comes back
  CHECK_FALSE(pair.rnode.failed());
  pair.run(3s);
  CHECK(pair.rnode.up());
}

TEST_CASE("rnode: an answer that comes octet by octet is the same", "[radio]") {
  Pair pair;
  pair.board.silent = true;
  pair.open().run(600ms);
  pair.board.silent = false;
  for (const std::uint8_t octet : pair.board.answer(*from_hex("c00873c0"
                                                              "c05000c0"
                                                              "c04800c0"
                                                              "c04900c0"))) {
    pair.hear(ByteView(&octet, 1));
  }
  CHECK(pair.rnode.up());
}

TEST_CASE("rnode: what does not answer as an RNode is down with a sentence", "[radio]") {
  Pair pair;
  pair.board.mute = {0x08};
  pair.open().run(11s);
  REQUIRE(pair.rnode.failed());
  CHECK_THAT(pair.rnode.why(), Contains("does not answer as an RNode") && Contains("name another device"));
  CHECK_FALSE(pair.rnode.next_deadline());
  CHECK(pair.board.asked[0x55] == 0);  // nobody resets what is no RNode
}

TEST_CASE("rnode: old firmware is refused with what to flash", "[radio]") {
  Pair pair;
  pair.board.firmware_minor = 51;
  pair.open().run(1s);
  REQUIRE(pair.rnode.failed());
  CHECK_THAT(pair.rnode.why(), Contains("firmware 1.51 is too old") && Contains("1.52 or newer"));
  CHECK(pair.board.asked[0x06] == 0);
  Pair newer;
  newer.board.firmware_major = 2;
  newer.board.firmware_minor = 0;
  newer.bring_up();
}

TEST_CASE("rnode: another frequency read back is refused past 100 Hz", "[radio]") {
  Pair near;
  near.board.frequency_off = -100;
  near.bring_up();
  Pair far;
  far.board.frequency_off = 101;
  far.open().run(1s);
  REQUIRE(far.rnode.failed());
  CHECK_THAT(far.rnode.why(), Contains("921400101 Hz") && Contains("921400000 Hz") && Contains("choose a frequency"));
  CHECK_FALSE(far.board.on);
}

TEST_CASE("rnode: a board that sends with less power than set is refused with both", "[radio]") {
  ModemSettings louder = settings;
  louder.power_dbm = 20;
  Pair pair({louder});
  pair.board.power_max = 17;
  pair.open().run(1s);
  REQUIRE(pair.rnode.failed());
  CHECK_THAT(pair.rnode.why(), Contains("17 dBm") && Contains("20 dBm") && Contains("choose a power"));
}

TEST_CASE("rnode: settings that no RNode has are refused before a word is said", "[radio]") {
  ModemSettings negative = settings;
  negative.power_dbm = -3;
  Pair pair({negative});
  pair.open();
  REQUIRE(pair.rnode.failed());
  CHECK_THAT(pair.rnode.why(), Contains("power -3") && Contains("0 to 37 dBm"));
  CHECK(pair.written.empty());
}

TEST_CASE("rnode: a board that does not turn its radio on is down with a sentence", "[radio]") {
  Pair pair;
  pair.board.unprovisioned = true;
  pair.open().run(7s);
  REQUIRE(pair.rnode.failed());
  CHECK_THAT(pair.rnode.why(), Contains("does not turn its radio on") && Contains("rnodeconf"));
}

TEST_CASE("rnode: a board that does not confirm one setting is down", "[radio]") {
  for (std::uint8_t code = 0x01; code <= 0x06; ++code) {
    CAPTURE(int(code));
    Pair pair;
    pair.board.mute = {code};
    pair.open().run(7s);
    CHECK(pair.rnode.failed());
  }
}

TEST_CASE("rnode: whatever a board says, the host neither stops nor says it is up without the right answers",
          "[radio]") {
  const auto seed = tests::seed_of_run(7);
  INFO("seed=" << seed);
  SeededRng rng(seed);
  for (int round = 0; round < 300; ++round) {
    Pair pair;
    pair.board.mute = {0x05};  // never the coding rate
    pair.open();
    for (int i = 0; i < 40; ++i) {
      Bytes octets(rng.below(30));
      for (auto& octet : octets) {
        const auto pick = rng.below(3);
        octet = pick == 0 ? 0xc0 : static_cast<std::uint8_t>(rng.below(pick == 1 ? 16 : 256));
      }
      std::erase(octets, 0x05);
      pair.hear(octets);
      pair.run(Micros(static_cast<std::int64_t>(rng.below(2'000'000))));
      REQUIRE_FALSE(pair.rnode.up());
      if (pair.rnode.failed()) pair.open();
    }
  }
}
