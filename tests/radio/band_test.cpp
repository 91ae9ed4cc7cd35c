#include "radio/band.h"

#include <catch2/catch.hpp>

#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::radio;

TEST_CASE("band: every part of every band is in order and has figures and a source", "[radio]") {
  REQUIRE(bands().size() == 3);
  for (const Band& band : bands()) {
    CAPTURE(band.name);
    CHECK_FALSE(band.source.empty());
    std::uint32_t last = 0;
    for (const SubBand& part : band.parts) {
      CHECK(part.low_hz >= last);
      CHECK(part.high_hz > part.low_hz);
      CHECK(part.node_duty_ppm > 0);
      CHECK(part.gateway_duty_ppm >= part.node_duty_ppm);
      CHECK(part.gateway_duty_ppm <= 1'000'000);
      last = part.high_hz;
    }
  }
}

TEST_CASE("band: a name that is not known is refused with those that are", "[radio]") {
  CHECK(band_named("vietnam"));
  const auto refused = band_named("us915");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::usage);
  CHECK(refused.error().what == "there is no band 'us915': choose one of vietnam, as923-2, eu868");
}

TEST_CASE("band: a signal lies in a part with its whole bandwidth, or is refused", "[radio]") {
  const Band vietnam = *band_named("vietnam");
  CHECK(part_of(vietnam, 920'062'500, 125'000));
  CHECK_FALSE(part_of(vietnam, 920'062'499, 125'000));
  CHECK(part_of(vietnam, 922'937'500, 125'000));
  CHECK_FALSE(part_of(vietnam, 922'937'501, 125'000));
  CHECK_FALSE(part_of(vietnam, 0, 125'000));
  const auto refused = part_of(vietnam, 868'100'000, 125'000);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what ==
        "a signal of 125 kHz at 868.1 MHz does not lie in band 'vietnam' (920 to 923 MHz)");
  const Band europe = *band_named("eu868");
  CHECK(part_of(europe, 869'525'000, 125'000)->power_dbm == 27);
  CHECK_FALSE(part_of(europe, 868'650'000, 125'000));
}

TEST_CASE("band: a better antenna lowers what a modem may be set to", "[radio]") {
  const SubBand vietnam = band_named("vietnam")->parts[0];  // 14 dBm ERP: 16.15 dBm over an isotropic antenna
  CHECK(modem_power_max(vietnam, 0) == 16);
  CHECK(modem_power_max(vietnam, 2.15) == 14);
  CHECK(modem_power_max(vietnam, 5.8) == 10);
  CHECK(modem_power_max(band_named("as923-2")->parts[0], 2.15) == 13);
}
