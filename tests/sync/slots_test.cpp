#include "sync/merge/slots.h"

#include <catch2/catch.hpp>

#include "sync/base/rng.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {
/// 2026-11-25 at that hour in Vietnam.
UnixSeconds on_that_day(int hour, int minute, int second = 0) {
  return {1'795'539'600 + hour * 3600 + minute * 60 + second};
}
const SpeakingTimes usual;
}  // namespace

TEST_CASE("slots: half past eleven and five in the afternoon by Vietnam's time, for an hour", "[sync][slots]") {
  CHECK_FALSE(slot_at(usual, on_that_day(11, 29, 59)));
  const auto noon = slot_at(usual, on_that_day(11, 30));
  REQUIRE(noon);
  CHECK_FALSE(noon->is_afternoon());
  CHECK(slot_at(usual, on_that_day(12, 29, 59)) == noon);
  CHECK_FALSE(slot_at(usual, on_that_day(12, 30)));
  const auto afternoon = slot_at(usual, on_that_day(17, 0));
  REQUIRE(afternoon);
  CHECK(afternoon->is_afternoon());
  CHECK(afternoon->number == noon->number + 1);
  CHECK(start_of(usual, *noon) == on_that_day(11, 30));
  CHECK(start_of(usual, *afternoon) == on_that_day(17, 0));
}

TEST_CASE("slots: the next slot begins later than now, even when one is under way", "[sync][slots]") {
  CHECK(start_of(usual, slot_after(usual, on_that_day(0, 0))) == on_that_day(11, 30));
  CHECK(start_of(usual, slot_after(usual, on_that_day(11, 30))) == on_that_day(17, 0));
  CHECK(start_of(usual, slot_after(usual, on_that_day(23, 59))) == on_that_day(24 + 11, 30));
}

TEST_CASE("slots: whatever the time, a slot holds its own start and follows the one before", "[sync][slots]") {
  SeededRng rng(3);
  for (int i = 0; i < 20'000; ++i) {
    const UnixSeconds at{static_cast<std::int64_t>(rng.below(8'000'000'000)) - 2'000'000'000};
    const SpeakingSlot next = slot_after(usual, at);
    CHECK(start_of(usual, next) > at);
    CHECK(start_of(usual, SpeakingSlot{next.number - 1}) <= at);
    CHECK(slot_at(usual, start_of(usual, next)) == next);
  }
}

TEST_CASE("slots: slots that overlap or leave the day make no sense", "[sync][slots]") {
  CHECK(make_sense(usual));
  CHECK_FALSE(make_sense({.noon = 17 * 60, .afternoon = 11 * 60}));
  CHECK_FALSE(make_sense({.noon = 690, .afternoon = 700, .lasts = 60}));
  CHECK_FALSE(make_sense({.afternoon = 24 * 60}));
  CHECK_FALSE(make_sense({.lasts = 0}));
}

TEST_CASE("slots: the hour comes from the wall clock only after a stick, and only when it can be right", "[sync][slots]") {
  const UnixSeconds signed_at = on_that_day(8, 0);
  const UnixSeconds two_days_later = on_that_day(48 + 11, 40);
  CHECK(speaking_clock(signed_at, false, two_days_later) == two_days_later);
  CHECK(speaking_clock(signed_at, true, two_days_later) == signed_at);
  CHECK(speaking_clock(signed_at, false, UnixSeconds{0}) == signed_at);
  CHECK(speaking_clock(signed_at, false, UnixSeconds{4'070'908'800}) == signed_at);
}
