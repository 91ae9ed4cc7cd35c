#include "node/links/radio/radio_outlook.h"

#include <catch2/catch.hpp>

using namespace khuoi;
using namespace khuoi::node;
using namespace std::chrono_literals;
using Why = LinkOutlook::Why;

namespace {
/// SF9, a whole minute of air in the hour.
RadioFacts all_well() {
  RadioFacts out;
  out.modem_up = true;
  out.associated = true;
  out.heard_ago = 70s;
  out.frame_octets = 240;
  out.frame_airtime = 1300ms;
  out.limit = 28'800ms;
  return out;
}
}  // namespace

TEST_CASE("radio outlook: nothing waits, and how long the commune was silent is no complaint", "[node][radio]") {
  RadioFacts facts = all_well();
  facts.heard_ago = 9h;
  const LinkOutlook out = outlook_of(facts);
  CHECK(out.why == Why::nothing);
  CHECK(out.heard_minutes_ago == 540);
  CHECK_FALSE(out.minutes);
}

TEST_CASE("radio outlook: while the fiber is up all goes that way, also what is not written yet", "[node][radio]") {
  RadioFacts facts = all_well();
  facts.fiber_up = true;
  CHECK(outlook_of(facts).why == Why::fiber);
  facts.failures = 9;
  CHECK(outlook_of(facts).why == Why::fiber);
}

TEST_CASE("radio outlook: what waits is under way, and so many minutes away", "[node][radio]") {
  RadioFacts facts = all_well();
  facts.octets_waiting = 2400;
  CHECK(outlook_of(facts).why == Why::sending);
  CHECK(outlook_of(facts).minutes == 1);  // 13 s on the air
  facts.loss_permille = 500;
  CHECK(time_to_send(2400, facts) == Micros(26s + 13s));
  facts.octets_waiting = 24'000;
  CHECK(outlook_of(facts).minutes > 60);  // what a loss of half doubles does not fit into this hour
}

TEST_CASE("radio outlook: the estimate grows with what waits, what is lost and what was used up", "[node][radio]") {
  const auto time = [](std::size_t octets, unsigned loss, Micros used) {
    RadioFacts facts = all_well();
    facts.loss_permille = loss;
    facts.used = used;
    return *time_to_send(octets, facts);
  };
  Micros before{};
  for (std::size_t octets = 100; octets < 1'000'000; octets *= 2) {
    const Micros now = time(octets, 100, 10s);
    CHECK(now >= before);
    CHECK(now <= time(octets, 200, 10s));
    CHECK(now <= time(octets, 100, 28s));
    before = now;
  }
  CHECK(time(1'000'000, 1000, 40s) > 0s);
}

TEST_CASE("radio outlook: quicker bursts bring what waits sooner, but for the word before each of them",
          "[node][radio]") {
  RadioFacts facts = all_well();
  const Micros slow = *time_to_send(18 * 240, facts);
  facts.burst_frame_airtime = facts.frame_airtime;
  CHECK(time_to_send(18 * 240, facts) == slow);
  facts.burst_frame_airtime = 400ms;
  // Two words of 1.3 s and 16 frames of 0.4 s, and half as much for pauses and answers.
  CHECK(time_to_send(18 * 240, facts) == Micros(9000ms + 4500ms));
  CHECK(time_to_send(240, facts) == Micros(1300ms + 650ms));
}

TEST_CASE("radio outlook: over a neighbour each frame is on the air twice, without bursts, and a quarter of an hour's "
          "share is all there is",
          "[node][radio]") {
  RadioFacts facts = all_well();
  facts.burst_frame_airtime = 400ms;
  facts.relayed = true;
  CHECK(time_to_send(4 * 240, facts) == Micros(2 * 5200ms + 5200ms));
  // 7.2 s of it an hour: 13 s do not fit into this one.
  CHECK(*time_to_send(10 * 240, facts) > 45min);
}

TEST_CASE("radio outlook: of several boxes the slowest way to one for whom something waits counts", "[node][radio]") {
  radio::Station::Figures figures;
  CHECK(burst_factor_of(figures) == 0);
  for (const unsigned factor : {7U, 8U, 0U}) {
    figures.peers.emplace_back();
    figures.peers.back().burst_factor = factor;
    figures.peers.back().relayed = factor == 0;
  }
  CHECK(burst_factor_of(figures) == 0);
  RadioFacts facts;
  add_peers(figures, facts);
  CHECK(facts.relayed);
  figures.peers[0].octets_waiting = figures.peers[1].octets_waiting = 10;
  figures.peers[0].failures = figures.peers[1].failures = 3;
  CHECK(burst_factor_of(figures) == 8);
  facts = {};
  add_peers(figures, facts);
  CHECK_FALSE(facts.relayed);
  CHECK(facts.octets_waiting == 20);
  CHECK(facts.failures == 0);  // one answers
}

TEST_CASE("radio outlook: a node that may never send promises nothing", "[node][radio]") {
  RadioFacts facts = all_well();
  facts.octets_waiting = 100;
  facts.limit = 0s;
  CHECK_FALSE(outlook_of(facts).minutes);
  facts = all_well();
  facts.octets_waiting = 100;
  facts.frame_octets = 0;
  CHECK_FALSE(outlook_of(facts).minutes);
}

TEST_CASE("radio outlook: each thing that keeps records here has its word, the nearest to a person's hand first",
          "[node][radio]") {
  RadioFacts facts = all_well();
  facts.octets_held = 500;
  facts.fiber_at = UnixSeconds{1'900'000'000};
  CHECK(outlook_of(facts).why == Why::fiber_at);
  CHECK(outlook_of(facts).fiber_at == facts.fiber_at);
  facts.octets_waiting = 100;
  CHECK(outlook_of(facts).why == Why::sending);
  facts.failures = 1;
  CHECK(outlook_of(facts).why == Why::sending);  // one lost frame
  facts.failures = 2;
  facts.heard_ago = 25min;
  CHECK(outlook_of(facts).why == Why::unheard);
  CHECK(outlook_of(facts).heard_minutes_ago == 25);
  facts.blocked_until = UnixSeconds{1'900'000'100};
  CHECK(outlook_of(facts).why == Why::duty);
  CHECK(outlook_of(facts).until == facts.blocked_until);
  facts.fiber_up = true;
  CHECK(outlook_of(facts).why == Why::fiber);
  CHECK_FALSE(outlook_of(facts).until);
  facts.modem_up = false;
  CHECK(outlook_of(facts).why == Why::modem);
}
