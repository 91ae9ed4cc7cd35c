#include "node/web_server/guests.h"

#include <catch2/catch.hpp>
#include <map>
#include <memory>

using khuoi::http::Guests;
using namespace std::chrono_literals;

namespace {

/// A server with its connections, and who was sent away.
struct House {
  Guests guests;
  Guests::Instant now{};
  std::map<std::string, int> sent_away;

  Guests::Place enter(const std::string& address) {
    now += 1ms;
    return guests.enter(address, now, [this, address] { ++sent_away[address]; });
  }
};

}  // namespace

TEST_CASE("guests: one address that takes every place gives them up, its oldest first, and nobody else's", "[node][http]") {
  House house;
  const auto honest = house.enter("10.0.0.9");
  std::vector<Guests::Place> greedy;
  for (int i = 0; i < 1000; ++i) greedy.push_back(house.enter("10.0.0.1"));
  CHECK(house.guests.strangers() == Guests::strangers_max);
  CHECK(house.sent_away["10.0.0.1"] == 1001 - static_cast<int>(Guests::strangers_max));
  CHECK(house.sent_away["10.0.0.9"] == 0);
  CHECK(greedy.front()->leaving);
  CHECK_FALSE(greedy.back()->leaving);
  for (int i = 0; i < 5; ++i) house.enter("10.0.0.8");
  CHECK(house.sent_away["10.0.0.8"] == 0);
  CHECK_FALSE(honest->leaving);
}

TEST_CASE("guests: among many addresses the request that has lasted longest gives up its place", "[node][http]") {
  House house;
  std::vector<Guests::Place> many;
  for (std::size_t i = 0; i < Guests::strangers_max; ++i) many.push_back(house.enter("10.0.1." + std::to_string(i)));
  Guests::begin(*many[0], house.now + 1s);  // asks again and again, as an honest one does
  const auto late = house.enter("10.0.0.7");
  CHECK_FALSE(many[0]->leaving);
  CHECK(many[1]->leaving);
  CHECK_FALSE(late->leaving);
}

TEST_CASE("guests: somebody known is never sent away, and does not count among strangers", "[node][http]") {
  House house;
  const auto person = house.enter("10.0.0.2");
  house.guests.introduce(*person, true);
  for (int i = 0; i < 500; ++i) house.enter("10.0.0.2");
  CHECK_FALSE(person->leaving);
  CHECK(house.guests.strangers() == Guests::strangers_max);
  // Logged out again, it stands with the others.
  house.guests.introduce(*person, false);
  CHECK(house.guests.strangers() <= Guests::strangers_max);
}

TEST_CASE("guests: places for known guests end too", "[node][http]") {
  House house;
  for (int i = 0; i < 1000; ++i) {
    const auto one = house.enter("10.0.0.2");
    house.guests.introduce(*one, true);
  }
  const int sent = house.sent_away["10.0.0.2"];
  CHECK(1000 - sent <= static_cast<int>(Guests::strangers_max + Guests::known_max));
}

TEST_CASE("guests: uploads of strangers are few an address and few in all, those of known guests are not counted", "[node][http]") {
  House house;
  std::size_t begun = 0;
  for (int i = 0; i < 10; ++i) begun += house.guests.may_upload(*house.enter("10.0.0.1")) ? 1 : 0;
  CHECK(begun == Guests::uploads_max_per_address);
  for (int i = 0; i < 40; ++i) begun += house.guests.may_upload(*house.enter("10.0.1." + std::to_string(i))) ? 1 : 0;
  CHECK(begun == Guests::uploads_max);
  const auto person = house.enter("10.0.0.1");
  house.guests.introduce(*person, true);
  CHECK(house.guests.may_upload(*person));
  // What ended makes room.
  const auto again = house.enter("10.0.2.1");
  CHECK_FALSE(house.guests.may_upload(*again));
}

TEST_CASE("guests: room is made only where there is a stranger", "[node][http]") {
  House house;
  CHECK_FALSE(house.guests.make_room(nullptr));
  const auto person = house.enter("10.0.0.2");
  house.guests.introduce(*person, true);
  CHECK_FALSE(house.guests.make_room(nullptr));
  const auto stranger = house.enter("10.0.0.3");
  CHECK_FALSE(house.guests.make_room(&*stranger));
  CHECK(house.guests.make_room(nullptr));
  CHECK(stranger->leaving);
}

TEST_CASE("guests: a newcomer without a descriptor ends the longest upload of somebody known, and nothing else",
          "[node][http]") {
  House house;
  const auto reads = house.enter("10.0.0.1");
  const auto first = house.enter("10.0.0.2");
  const auto second = house.enter("10.0.0.2");
  const auto stranger = house.enter("10.0.0.3");
  for (const auto& one : {reads, first, second}) house.guests.introduce(*one, true);
  CHECK_FALSE(house.guests.end_an_upload());
  for (const auto& one : {second, first, stranger}) REQUIRE(house.guests.may_upload(*one));
  CHECK(house.guests.end_an_upload());
  CHECK(first->leaving);
  CHECK(house.guests.end_an_upload());
  CHECK(second->leaving);
  CHECK_FALSE(house.guests.end_an_upload());
  CHECK_FALSE(reads->leaving);
  CHECK_FALSE(stranger->leaving);
}
