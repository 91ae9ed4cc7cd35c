#include "node/links/radio/radio_waits.h"

#include <catch2/catch.hpp>

#include "tests/storage/temp_folder.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace std::chrono_literals;
using khuoi::tests::TempFolder;

namespace {
constexpr std::int64_t start = 1'900'000'800;

sync::TrustedTime told_at_start(bool live) {
  sync::TrustedTime out;
  out.tell(UnixSeconds{start}, {}, live);
  return out;
}
/// So long after the start, on a box whose own clock is wrong.
Now later(Micros since_start) { return {Instant(since_start), UnixSeconds{7}}; }
/// As after four mornings: up for half an hour at that time of each day.
void see_four_mornings(RadioWaits& waits) {
  for (int day = 0; day < 4; ++day) {
    for (int minute = 0; minute < 30; ++minute) waits.look(true, later(day * 24h + minute * 1min));
    waits.look(false, later(day * 24h + 31min));
  }
}
}  // namespace

TEST_CASE("radio waits: what the box saw is still known after a restart, by the commune's time", "[node][radio]") {
  const TempFolder folder;
  {
    RadioWaits waits(folder.path(), 3h);
    waits.note_told(told_at_start(true));
    see_four_mornings(waits);
  }
  RadioWaits again(folder.path(), 3h);
  CHECK_FALSE(again.look(false, later(95h)));
  CHECK(again.goes() == RadioGoes::all);  // nobody told the time since the start
  again.note_told(told_at_start(true));
  again.look(false, later(95h));
  CHECK(again.goes() == RadioGoes::urgent);
  CHECK(again.look(false, later(98h)));  // it stayed away: more may go
  CHECK(again.goes() == RadioGoes::all);
}

TEST_CASE("radio waits: the time that a stick told says nothing of the time of day", "[node][radio]") {
  const TempFolder folder;
  RadioWaits waits(folder.path(), 3h);
  waits.note_told(told_at_start(false));
  see_four_mornings(waits);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "fiber-hours"));
  waits.look(false, later(95h));
  CHECK(waits.goes() == RadioGoes::all);
}

TEST_CASE("radio waits: a folder that takes no file costs the memory of the hours, and nothing else", "[node][radio]") {
  const TempFolder folder;
  RadioWaits waits(folder.path() / "gone", 3h);
  waits.note_told(told_at_start(true));
  see_four_mornings(waits);
  waits.look(false, later(95h));
  CHECK(waits.goes() == RadioGoes::urgent);
}

TEST_CASE("radio waits: what loads left in the store is what waits, peer by peer, until all begin anew", "[node][radio]") {
  const TempFolder folder;
  RadioWaits waits(folder.path(), 3h);
  const auto waiting = [&] {
    RadioFacts facts;
    waits.add_to(facts);
    return std::pair(facts.octets_waiting, facts.octets_held);
  };
  RadioWorkDone done;
  done.loaded = {{1, 10, {}, 300, 40}, {2, 11, {}, 5, 0}};
  waits.note_loaded(done);
  CHECK(waiting() == std::pair<std::size_t, std::size_t>(305, 40));
  done.loaded = {{1, 10, {}, 0, 7}};
  waits.note_loaded(done);
  CHECK(waiting() == std::pair<std::size_t, std::size_t>(5, 7));
  waits.forget_loads();
  CHECK(waiting() == std::pair<std::size_t, std::size_t>(0, 0));
}
