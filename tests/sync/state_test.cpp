#include "sync/record/state.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace khuoi::sync;

TEST_CASE("state: the ten words and numbers stand for the ten states", "[sync][state]") {
  std::set<std::string_view> words;
  for (std::uint8_t number = 1; number <= 10; ++number) {
    const auto state = state_numbered(number);
    REQUIRE(state);
    CHECK(static_cast<std::uint8_t>(*state) == number);
    CHECK(state_named(name_of(*state)) == state);
    words.insert(name_of(*state));
  }
  CHECK(words == std::set<std::string_view>{"new", "accepted", "rejected", "processing", "needs-papers",
                                            "needs-payment", "withdrawn", "stopped", "resolved", "returned"});
  CHECK(name_of(State::fresh) == "new");
  CHECK(name_of(State::needs_payment) == "needs-payment");
}

TEST_CASE("state: numbers and words outside the ten are refused", "[sync][state]") {
  CHECK(!state_numbered(0));
  CHECK(!state_numbered(11));
  CHECK(!state_numbered(255));
  for (const std::string_view word : {"", "New", "fresh", "needs_papers", "done"}) CHECK(!state_named(word));
  CHECK(name_of(static_cast<State>(0)) == "unknown");
  CHECK(name_of(static_cast<State>(11)) == "unknown");
}

TEST_CASE("state: exactly the moves of the design are allowed", "[sync][state]") {
  const std::set<std::string> allowed{"new accepted",
                                      "new rejected",
                                      "new needs-papers",
                                      "accepted processing",
                                      "accepted needs-papers",
                                      "accepted needs-payment",
                                      "processing needs-papers",
                                      "processing needs-payment",
                                      "processing resolved",
                                      "needs-papers accepted",
                                      "needs-papers processing",
                                      "needs-papers rejected",
                                      "needs-payment processing",
                                      "needs-payment resolved",
                                      "resolved returned"};
  for (std::uint8_t from = 1; from <= 10; ++from) {
    for (std::uint8_t to = 1; to <= 10; ++to) {
      const State a = *state_numbered(from);
      const State b = *state_numbered(to);
      const std::string move = std::string(name_of(a)) + " " + std::string(name_of(b));
      INFO(move);
      const bool ends_early = b == State::withdrawn || b == State::stopped;
      CHECK(may_move(a, b) == (ends_early ? !is_closed(a) : allowed.contains(move)));
    }
  }
}

TEST_CASE("state: rejected, withdrawn, stopped and returned are closed", "[sync][state]") {
  for (const State state : {State::rejected, State::withdrawn, State::stopped, State::returned}) {
    CHECK(is_closed(state));
    for (std::uint8_t to = 1; to <= 10; ++to) CHECK(!may_move(state, *state_numbered(to)));
  }
  for (const State state : {State::fresh, State::accepted, State::processing, State::resolved})
    CHECK(!is_closed(state));
}
