// What records cost on the air, beside the goals: real replicas and real frames in virtual time, counted by the
// channel. Napkin: one submission is some 70 octets sealed, 16 of tag, 4 to name it and 8 of frame, 190 ms at SF 7; its
// acknowledgement 10 octets, 58 ms. Rows for what one frame says to many belong beside those in radio/rows.h.
#include <catch2/catch.hpp>

#include "tests/bench/radio/rows.h"

TEST_CASE("bench: what records cost on the air", "[.][bench][radio]") {
  using namespace khuoi::bench;
  const Homes homes;
  Sheet sheet;
  planted_rows(sheet, homes);
  record_rows(sheet, homes);
  hour_rows(sheet, homes);
  lossy_rows(sheet, homes);
  power_rows(sheet, homes);
  sheet.size();
  CHECK_FALSE(sheet.failed());
}
