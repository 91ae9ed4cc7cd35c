// What records cost on the air, beside the goals: real replicas and real frames in virtual time, counted by the channel.
// Napkin: one submission is some 70 octets sealed, 16 of tag, 3 to name it and 8 of frame, 190 ms at SF 7; its
// acknowledgement 10 octets, 58 ms.
#include <catch2/catch.hpp>

#include "tests/bench/radio/rows.h"

using namespace khuoi::bench;

namespace {

void run(std::initializer_list<void (*)(Sheet&, const Homes&)> all) {
  const Homes homes;
  Sheet sheet;
  for (auto* const rows : all) rows(sheet, homes);
  sheet.size();
  CHECK_FALSE(sheet.failed());
}

}  // namespace

TEST_CASE("bench: the checks of radio find what is planted", "[.][bench][radio]") { run({planted_rows}); }

TEST_CASE("bench: what records cost on the air", "[.][bench][radio]") {
  run({record_rows, hour_rows, lossy_rows});
}

TEST_CASE("bench: what the return of power costs on the air", "[.][bench][radio]") { run({power_rows}); }

TEST_CASE("bench: what goes to all hamlets costs on the air", "[.][bench][radio]") { run({broadcast_rows}); }

TEST_CASE("bench: what a hamlet behind another one costs on the air", "[.][bench][radio]") { run({relay_rows}); }
