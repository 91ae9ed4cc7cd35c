#include "radio/airtime.h"
#include "tests/support/places.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <sstream>

using namespace khuoi;
using namespace khuoi::radio;
using std::chrono::milliseconds;

TEST_CASE("airtime: every published figure comes out, to a microsecond", "[radio]") {
  std::ifstream file(tests::test_data() / "airtime.tsv");
  std::size_t rows = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream from(line);
    std::string chip;
    double kilohertz = 0, published_ms = 0;
    bool low_data_rate = false;
    std::size_t octets = 0;
    Modulation modulation;
    FrameShape shape;
    from >> chip >> modulation.spreading_factor >> kilohertz >> modulation.coding_rate >> low_data_rate >>
        shape.preamble_symbols >> octets >> shape.explicit_header >> shape.crc >> published_ms;
    REQUIRE(from);
    CAPTURE(line);
    modulation.chip = chip == "sx127x" ? Chip::sx127x : Chip::sx126x;
    modulation.bandwidth_hz = static_cast<std::uint32_t>(std::lround(kilohertz * 1000));
    shape.low_data_rate = low_data_rate;
    CHECK(std::abs(static_cast<double>(time_on_air(modulation, shape, octets).count()) - published_ms * 1000) <= 1.0);
    ++rows;
  }
  CHECK(rows == 39);
}

TEST_CASE("airtime: where a symbol takes more than 16 ms, low data rate is on by itself", "[radio]") {
  FrameShape on, off;
  on.low_data_rate = true;
  off.low_data_rate = false;
  const auto at = [](unsigned spreading_factor) {
    Modulation out;
    out.spreading_factor = spreading_factor;
    return out;
  };
  CHECK(time_on_air(at(11), {}, 100) == time_on_air(at(11), on, 100));
  CHECK(time_on_air(at(10), {}, 100) == time_on_air(at(10), off, 100));
  CHECK(time_on_air(at(11), on, 100) > time_on_air(at(11), off, 100));
}

TEST_CASE("airtime: an RNode's preamble lasts 24 ms, has 18 symbols at least, and is shorter at a fast rate", "[radio]") {
  CHECK(rnode_preamble_symbols({.bandwidth_hz = 125'000, .spreading_factor = 7}) == 24);
  CHECK(rnode_preamble_symbols({.bandwidth_hz = 125'000, .spreading_factor = 8}) == 18);
  CHECK(rnode_preamble_symbols({.bandwidth_hz = 125'000, .spreading_factor = 12}) == 18);
  CHECK(rnode_preamble_symbols({.bandwidth_hz = 250'000, .spreading_factor = 7}) == 47);
  CHECK(rnode_preamble_symbols({.bandwidth_hz = 500'000, .spreading_factor = 5}) == 94);  // 62.5 kbit/s: 6 ms
}

TEST_CASE("airtime: what fits under a dwell limit fits, and an octet more does not", "[radio]") {
  for (unsigned spreading_factor = 5; spreading_factor <= 12; ++spreading_factor) {
    Modulation modulation;
    modulation.spreading_factor = spreading_factor;
    const auto octets = octets_within(modulation, {}, milliseconds(400));
    CAPTURE(spreading_factor);
    if (spreading_factor == 12) {
      CHECK_FALSE(octets.has_value());
      continue;
    }
    REQUIRE(octets);
    CHECK(time_on_air(modulation, {}, *octets) <= milliseconds(400));
    if (*octets < frame_octets_max) CHECK(time_on_air(modulation, {}, *octets + 1) > milliseconds(400));
  }
}
