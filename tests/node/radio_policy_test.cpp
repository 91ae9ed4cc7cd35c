#include "node/links/radio/radio_policy.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "node/links/radio/fiber_hours_file.h"
#include "tests/storage/temp_folder.h"
#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace std::chrono_literals;
using khuoi::tests::TempFolder;

namespace {

constexpr std::int64_t day_seconds = 24 * 60 * 60;
constexpr std::int64_t midnight = 1'900'000'800 / day_seconds * day_seconds;

UnixSeconds at(std::int64_t days, std::int64_t hours, std::int64_t minutes = 0) {
  return {midnight + days * day_seconds + hours * 3600 + minutes * 60};
}
/// Up for an hour and a half from that time on.
void come_up(RadioPolicy& policy, UnixSeconds from) {
  for (std::int64_t minute = 0; minute < 90; ++minute) policy.look({true, UnixSeconds{from.value + 60 * minute}});
}
RadioGoes goes(RadioPolicy& policy, std::optional<UnixSeconds> now) {
  policy.look({false, now});
  return policy.goes();
}
RadioPolicy seen_every_morning(std::chrono::hours wait = 3h) {
  RadioPolicy out(wait, {});
  for (std::int64_t days = 0; days < 4; ++days) come_up(out, at(days, 7, 5 * days));
  return out;
}

}  // namespace

TEST_CASE("radio policy: a box that never saw a fiber sends everything at once", "[node][radio]") {
  RadioPolicy policy(3h, {});
  CHECK(goes(policy, at(4, 5)) == RadioGoes::all);
  CHECK_FALSE(policy.fiber_at());
}

TEST_CASE("radio policy: while the fiber is up nothing begins", "[node][radio]") {
  RadioPolicy policy(3h, {});
  policy.look({true, std::nullopt});
  CHECK(policy.goes() == RadioGoes::nothing);
  policy.look({true, at(0, 5)});
  CHECK(policy.goes() == RadioGoes::nothing);
  CHECK(goes(policy, at(0, 6)) == RadioGoes::all);
}

TEST_CASE("radio policy: what is not urgent waits for a fiber that is seen every morning", "[node][radio]") {
  RadioPolicy policy = seen_every_morning();
  CHECK(goes(policy, at(4, 3, 59)) == RadioGoes::all);
  CHECK(goes(policy, at(4, 4, 30)) == RadioGoes::urgent);
  REQUIRE(policy.fiber_at());
  CHECK(*policy.fiber_at() == at(4, 7, 15));  // the latest of the four, on its quarter of an hour
  CHECK(goes(policy, at(4, 7, 44)) == RadioGoes::urgent);
  CHECK(goes(policy, at(4, 7, 45)) == RadioGoes::all);
  CHECK(goes(policy, at(4, 12)) == RadioGoes::all);
}

TEST_CASE("radio policy: one missed morning of four changes nothing, two do", "[node][radio]") {
  for (const std::int64_t missed : {1, 2}) {
    RadioPolicy policy(3h, {});
    for (std::int64_t days = missed; days < 4; ++days) come_up(policy, at(days, 7));
    CHECK(goes(policy, at(4, 6)) == (missed == 1 ? RadioGoes::urgent : RadioGoes::all));
  }
}

TEST_CASE("radio policy: once the fiber came today nothing waits for it any more", "[node][radio]") {
  RadioPolicy policy = seen_every_morning();
  for (std::int64_t minute = 50; minute < 55; ++minute) policy.look({true, at(4, 6, minute)});
  CHECK(goes(policy, at(4, 6, 56)) == RadioGoes::all);
  CHECK(goes(policy, at(4, 7, 20)) == RadioGoes::all);
  CHECK(goes(policy, at(5, 5)) == RadioGoes::urgent);
}

TEST_CASE("radio policy: times that differ by hours are no habit", "[node][radio]") {
  RadioPolicy policy(3h, {});
  for (std::int64_t days = 0; days < 4; ++days) come_up(policy, at(days, 4 + 4 * days));
  for (std::int64_t hours = 0; hours < 24; ++hours) CHECK(goes(policy, at(4, hours)) == RadioGoes::all);
}

TEST_CASE("radio policy: a fiber that is up day and night is not waited for when it breaks", "[node][radio]") {
  RadioPolicy policy(3h, {});
  for (std::int64_t minute = 0; minute < 4 * 24 * 60; minute += 5)
    policy.look({true, UnixSeconds{midnight + 60 * minute}});
  for (std::int64_t minute = 0; minute < 24 * 60; minute += 5) {
    CHECK(goes(policy, UnixSeconds{at(4, 0).value + 60 * minute}) == RadioGoes::all);
  }
}

TEST_CASE("radio policy: nothing waits longer than the hours set and half an hour, however often the fiber came",
          "[node][radio]") {
  RadioPolicy policy(3h, {});
  for (std::int64_t days = 0; days < 4; ++days) {
    for (std::int64_t hours = 0; hours < 24; hours += 2) {
      for (std::int64_t minute = 0; minute < 20; ++minute) policy.look({true, at(days, hours, minute)});
    }
  }
  std::int64_t waited = 0, longest = 0;
  for (std::int64_t minute = 0; minute < 24 * 60; ++minute) {
    waited = goes(policy, UnixSeconds{at(4, 0).value + 60 * minute}) == RadioGoes::all ? 0 : waited + 1;
    longest = std::max(longest, waited);
  }
  CHECK(longest > 0);
  CHECK(longest <= 3 * 60 + 30);
}

TEST_CASE("radio policy: with a clock that is not trusted nothing waits, and nothing is remembered", "[node][radio]") {
  RadioPolicy policy = seen_every_morning();
  CHECK(goes(policy, std::nullopt) == RadioGoes::all);
  const RangeSet before = policy.hours().quarters();
  CHECK_FALSE(policy.look({true, std::nullopt}));
  CHECK(policy.hours().quarters() == before);
}

TEST_CASE("radio policy: zero hours never waits", "[node][radio]") {
  RadioPolicy policy = seen_every_morning(0h);
  for (std::int64_t hours = 0; hours < 24; ++hours) CHECK(goes(policy, at(4, hours)) == RadioGoes::all);
}

TEST_CASE("fiber hours: what is remembered is bounded, and a clock that was set back leaves nothing of later",
          "[node][radio]") {
  FiberHours hours;
  for (std::int64_t quarter = 0; quarter < 100'000; quarter += 2)
    hours.note_up({quarter * FiberHours::quarter_seconds});
  CHECK(hours.quarters().ranges().size() <= 5 * 48 + 1);
  CHECK(hours.note_up({1000}));
  CHECK(hours.quarters() == RangeSet(1, 1));
  CHECK_FALSE(hours.note_up({1001}));
}

TEST_CASE("fiber hours: a restart reads what was written, and a damaged file is none", "[node][radio]") {
  const TempFolder folder;
  const FiberHoursFile file(folder.path());
  CHECK(file.read().quarters().empty());
  const RadioPolicy policy = seen_every_morning();
  REQUIRE(file.write(policy.hours()));
  CHECK(file.read().quarters() == policy.hours().quarters());
  for (const char* text : {"9 x", "-900 900", "1800 900", "0 99999999999999999999", "900 8999999999999"}) {
    std::ofstream(folder / "fiber-hours") << text;
    CHECK(file.read().quarters().empty());
  }
}
