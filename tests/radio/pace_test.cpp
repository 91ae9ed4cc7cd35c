#include "radio/pace.h"

#include <catch2/catch.hpp>

using namespace khuoi;
using namespace khuoi::radio;
using namespace std::chrono_literals;

namespace {

/// Of many nodes that were put off until the same moment: how long the last one waits beyond it.
Micros longest_wait(unsigned frames, unsigned words_unanswered) {
  const Timing timing{[](std::size_t) { return Micros(1s); }, Micros(100'000)};
  SeededRng rng(51);
  Micros out{};
  for (int nodes = 0; nodes < 200; ++nodes) {
    Instant now{1s};
    Pace pace(timing, rng, now);
    for (unsigned i = 0; i < words_unanswered; ++i) {
      pace.said(now, 10);
      now = *pace.deadline();
      REQUIRE(pace.tick(now, true));
    }
    pace.heard(now);
    const Instant until = now + 2h;
    pace.put_off(now, until, frames);
    CHECK(pace.speaks_from() >= until);
    out = std::max(out, Micros(pace.speaks_from() - until));
  }
  return out;
}

}  // namespace

TEST_CASE("pace: nodes that wait for the same moment spread over the frames told, and over more after failures",
          "[radio]") {
  const auto spreads_over = [](Micros wait, Micros frames) { return wait <= frames && 10 * wait > 9 * frames; };
  CHECK(spreads_over(longest_wait(2, 0), 2s));
  CHECK(spreads_over(longest_wait(8, 0), 8s));
  CHECK(spreads_over(longest_wait(2, 1), 4s));
  CHECK(spreads_over(longest_wait(2, 2), 8s));
  CHECK(spreads_over(longest_wait(2, 3), 8s));
}
