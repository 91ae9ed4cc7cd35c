#include "node/engine/radio_settings.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "radio/modem/rnode.h"
#include "tests/storage/temp_folder.h"
#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace std::chrono_literals;
using khuoi::tests::TempFolder;

namespace {

Result<RadioSettings> settings_of(std::string_view table, AirShare share = AirShare::hamlet) {
  const TempFolder folder;
  std::ofstream(folder / "config.toml", std::ios::binary) << "[speaker]\nlasts = 60\n[radio]\n" << table << "\n";
  return read_radio_settings(folder.path(), share);
}

/// What is said of the last line of a table.
std::string refusal_of(const std::string& table, AirShare share = AirShare::hamlet) {
  const auto refused = settings_of(table, share);
  if (refused) return "taken";
  CHECK(refused.error().code == Errc::usage);
  const std::string& what = refused.error().what;
  const std::size_t place = what.find("config.toml, line ");
  CHECK(place != std::string::npos);
  const std::size_t radio = what.find("[radio] ");
  return radio == std::string::npos ? what : what.substr(radio + 8);
}

}  // namespace

TEST_CASE("radio settings: without a file, Vietnam's band holds for both shares", "[node][radio]") {
  const TempFolder nothing;
  const auto hamlet = read_radio_settings(nothing.path(), AirShare::hamlet);
  REQUIRE(hamlet);
  CHECK(*hamlet == RadioSettings{"vietnam", 922'500'000, 9, 125'000, 5, 14, 2.15, 10'000, 0ms});
  const auto commune = read_radio_settings(nothing.path(), AirShare::commune);
  REQUIRE(commune);
  CHECK(commune->duty_ppm == 100'000);
  CHECK(settings_of("").value() == *hamlet);
}

TEST_CASE("radio settings: every key is taken", "[node][radio]") {
  const auto set = settings_of(
      "band = \"vietnam\"\nfrequency_mhz = 920.6\nspreading_factor = 7\nbandwidth_khz = 250\ncoding_rate = 8\n"
      "antenna_dbi = 5\npower_dbm = 10\nduty_percent = 0.5\ndwell_ms = 400");
  REQUIRE(set);
  CHECK(*set == RadioSettings{"vietnam", 920'600'000, 7, 250'000, 8, 10, 5, 5'000, 400ms});
  const radio::ModemSettings modem = modem_settings(*set);
  CHECK(modem.frequency_hz == 920'600'000);
  CHECK(modem.power_dbm == 10);
  CHECK(modem.modulation == radio::Modulation{250'000, 7, 8, radio::Chip::sx126x});
}

TEST_CASE("radio settings: how long the fiber is waited for is 0 to 12 whole hours", "[node][radio]") {
  CHECK(settings_of("wait_for_fiber_hours = 0")->wait_for_fiber == 0h);
  CHECK(settings_of("wait_for_fiber_hours = 12")->wait_for_fiber == 12h);
  CHECK(refusal_of("wait_for_fiber_hours = 13") == "wait_for_fiber_hours = 13: choose 0 to 12");
  CHECK(refusal_of("wait_for_fiber_hours = 1.5") == "wait_for_fiber_hours = 1.5: choose a whole number from 0 to 12");
}

TEST_CASE("radio settings: the defaults of every band are right, and an RNode can be set to them", "[node][radio]") {
  for (const char* band : {"vietnam", "as923-2", "eu868"}) {
    CAPTURE(band);
    const auto set = settings_of("spreading_factor = 7\nband = \"" + std::string(band) + "\"");
    REQUIRE(set);
    CHECK(radio::check_rnode_can(modem_settings(*set)));
  }
  CHECK(settings_of("band = \"as923-2\"\nspreading_factor = 7")->dwell_max == 400ms);
  CHECK(settings_of("band = \"eu868\"")->duty_ppm == 100'000);
  CHECK(settings_of("band = \"eu868\"")->power_dbm == 22);  // 27 are allowed: more than a usual board has
  CHECK(settings_of("band = \"eu868\"\npower_dbm = 27")->power_dbm == 27);
}

TEST_CASE("radio settings: each wrong value is named with its key and what is allowed", "[node][radio]") {
  CHECK(refusal_of("band = \"us915\"") ==
        "band = \"us915\": there is no band 'us915': choose one of vietnam, as923-2, eu868, or custom");
  CHECK(refusal_of("band = 7") == "band = 7: choose vietnam, as923-2, eu868 or custom");
  CHECK(refusal_of("frequency_mhz = 868.1") ==
        "frequency_mhz = 868.1: a signal of 125 kHz at 868.1 MHz does not lie in band 'vietnam' (920 to 923 MHz)");
  CHECK(refusal_of("frequency_mhz = 920") ==
        "frequency_mhz = 920: a signal of 125 kHz at 920 MHz does not lie in band 'vietnam' (920 to 923 MHz)");
  CHECK(refusal_of("frequency_mhz = \"922\"") == "frequency_mhz = \"922\": choose 100 to 1000");
  CHECK(refusal_of("frequency_mhz = 922500000") == "frequency_mhz = 922500000: choose 100 to 1000");
  CHECK(refusal_of("frequency_mhz = nan") == "frequency_mhz = nan: choose 100 to 1000");
  CHECK(refusal_of("spreading_factor = 13") == "spreading_factor = 13: choose 7 to 12");
  CHECK(refusal_of("spreading_factor = 7.5") == "spreading_factor = 7.5: choose a whole number from 7 to 12");
  CHECK(refusal_of("spreading_factor = true") == "spreading_factor = true: choose 7 to 12");
  CHECK(refusal_of("spreading_factor = [9]") == "spreading_factor = something else than one value: choose 7 to 12");
  CHECK(refusal_of("bandwidth_khz = 200") == "bandwidth_khz = 200: choose 62.5, 125, 250 or 500");
  CHECK(refusal_of("coding_rate = 4") == "coding_rate = 4: choose 5 to 8");
  CHECK(refusal_of("antenna_dbi = 99") == "antenna_dbi = 99: choose -20 to 30");
  CHECK(refusal_of("duty_percent = 0") == "duty_percent = 0: choose 0.01 to 1");
  CHECK(refusal_of("duty_percent = 1.5") == "duty_percent = 1.5: choose 0.01 to 1");
  CHECK(refusal_of("duty_percent = 1.5", AirShare::commune) == "taken");
  CHECK(refusal_of("duty_percent = 11", AirShare::commune) == "duty_percent = 11: choose 0.01 to 10");
  CHECK(refusal_of("dwell_ms = -1") == "dwell_ms = -1: choose 0 to 60000");
  CHECK(refusal_of("band = \"as923-2\"\nspreading_factor = 7\ndwell_ms = 500") == "dwell_ms = 500: choose 1 to 400");
  CHECK(refusal_of("colour = 1") == "has no setting 'colour': take it out");
  CHECK(refusal_of("low_mhz = 433") == "low_mhz goes with band = \"custom\" alone: take it out");
}

TEST_CASE("radio settings: power with the antenna's gain stays within the band's rules", "[node][radio]") {
  CHECK(settings_of("antenna_dbi = 0")->power_dbm == 16);  // 14 dBm ERP are 16.15 dBm over an isotropic antenna
  CHECK(settings_of("antenna_dbi = 6")->power_dbm == 10);
  CHECK(settings_of("antenna_dbi = 6\npower_dbm = 10")->power_dbm == 10);
  CHECK(refusal_of("antenna_dbi = 6\npower_dbm = 11") ==
        "power_dbm = 11: with an antenna of 6 dBi, band 'vietnam' allows whole numbers from 0 to 10");
  CHECK(refusal_of("power_dbm = 22") ==
        "power_dbm = 22: with an antenna of 2.15 dBi, band 'vietnam' allows whole numbers from 0 to 14");
  CHECK(refusal_of("power_dbm = -1") ==
        "power_dbm = -1: with an antenna of 2.15 dBi, band 'vietnam' allows whole numbers from 0 to 14");
  CHECK(refusal_of("antenna_dbi = 17") ==
        "antenna_dbi = 17: with this antenna even 0 dBm is more than band 'vietnam' allows: take one with less gain");
}

TEST_CASE("radio settings: a hamlet that is not heard may ask its neighbours at once, a commune may not",
          "[node][radio]") {
  CHECK_FALSE(settings_of("")->relay_at_once);
  CHECK_FALSE(settings_of("relay = \"when needed\"")->relay_at_once);
  CHECK(settings_of("relay = \"ask at once\"")->relay_at_once);
  CHECK(refusal_of("relay = \"never\"") == "relay = \"never\": choose \"when needed\" or \"ask at once\"");
  CHECK(refusal_of("relay = true") == "relay = true: choose \"when needed\" or \"ask at once\"");
  const auto refused = settings_of("relay = \"ask at once\"", AirShare::commune);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().what, Catch::Contains("only a hamlet asks its neighbours to pass its frames on"));
  CHECK(settings_of("relay = \"when needed\"", AirShare::commune));
}

TEST_CASE("radio settings: a spreading factor whose frames never end within the dwell time is refused",
          "[node][radio]") {
  CHECK(refusal_of("band = \"as923-2\"\nspreading_factor = 11") ==
        "spreading_factor = 11: no frame fits into 400 ms (dwell_ms): choose a lower spreading_factor");
  CHECK(refusal_of("band = \"as923-2\"\nspreading_factor = 10") ==
        "spreading_factor = 10: no frame fits into 400 ms (dwell_ms): choose a lower spreading_factor");
  CHECK(settings_of("band = \"as923-2\"\nspreading_factor = 10\nbandwidth_khz = 250"));
  CHECK(settings_of("band = \"as923-2\"\nspreading_factor = 9"));
  CHECK(
      refusal_of("dwell_ms = 100") ==
      "spreading_factor: no frame fits into 100 ms (dwell_ms): choose a lower spreading_factor, or a longer dwell_ms");
  CHECK(refusal_of("spreading_factor = 11") == "taken");
}

TEST_CASE("radio settings: a custom band says its limits in the file", "[node][radio]") {
  const std::string limits =
      "band = \"custom\"\nlow_mhz = 433.05\nhigh_mhz = 434.79\nerp_dbm = 10\nduty_percent = 10\n";
  const auto set = settings_of(limits + "frequency_mhz = 433.5");
  REQUIRE(set);
  CHECK(*set == RadioSettings{"custom", 433'500'000, 9, 125'000, 5, 10, 2.15, 100'000, 0ms});
  CHECK(refusal_of(limits) == "frequency_mhz: a custom band needs this: where this commune's radios send");
  CHECK(refusal_of(limits + "frequency_mhz = 433.06") ==
        "frequency_mhz = 433.06: with a bandwidth of 125 kHz choose 433.1125 to 434.7275");
  CHECK(refusal_of(limits + "frequency_mhz = 440") == "frequency_mhz = 440: choose 433.05 to 434.79");
  CHECK(refusal_of(limits + "frequency_mhz = 433.5\npower_dbm = 11") ==
        "power_dbm = 11: with an antenna of 2.15 dBi, band 'custom' allows whole numbers from 0 to 10");
  for (const std::string key : {"low_mhz", "high_mhz", "erp_dbm", "duty_percent"}) {
    std::string less = limits + "frequency_mhz = 433.5\n";
    const std::size_t at = less.find(key);
    less.erase(at, less.find('\n', at) - at + 1);
    CHECK(refusal_of(less).starts_with(key + ": a custom band needs this: "));
  }
}

TEST_CASE("radio settings: what is no table, or no TOML, is named with its line", "[node][radio]") {
  const TempFolder folder;
  const auto said = [&](std::string_view text) {
    std::ofstream(folder / "config.toml", std::ios::binary) << text;
    const auto refused = read_radio_settings(folder.path(), AirShare::hamlet);
    return refused ? std::string("taken") : refused.error().what;
  };
  CHECK_THAT(said("radio = 7\n"), Catch::Contains("line 1: [radio] is no table: begin it with a line [radio]"));
  CHECK_THAT(said("\n[radio\n"), Catch::Contains("line 2: ") && Catch::Contains("mend that line"));
  CHECK_THAT(said(std::string(1 << 21, '#')), Catch::Contains("over 1 MiB"));
}

TEST_CASE("radio settings: --radio names a modem by its kind and device", "[node][radio]") {
  using Kind = RadioName::Kind;
  CHECK(parse_radio("rnode:/dev/serial/by-id/usb-1:2").value() ==
        RadioName{Kind::rnode, "/dev/serial/by-id/usb-1:2", 0});
  CHECK(parse_radio("rylr:/dev/ttyUSB0").value() == RadioName{Kind::rylr, "/dev/ttyUSB0", 0});
  CHECK(parse_radio("udp:127.0.0.1:1700").value() == RadioName{Kind::udp, "127.0.0.1", 1700});
  CHECK(parse_radio("udp:[::1]:1700").value() == RadioName{Kind::udp, "::1", 1700});
  for (const char* text : {"udp:1700", "udp:", "udp", "udp:127.0.0.1:", "udp:127.0.0.1:0", "udp:127.0.0.1:65536",
                           "udp:localhost:1700", "udp:127.0.0.1:17x"}) {
    const auto refused = parse_radio(text);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().what, Catch::Contains(text) && Catch::Contains("such as udp:127.0.0.1:1700"));
  }
  for (const char* text : {"", "rnode:", "rylr:", "rnode", "/dev/ttyUSB0"}) {
    const auto refused = parse_radio(text);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().what, Catch::Contains("write rnode:DEVICE"));
  }
}

TEST_CASE("radio settings: what a kind of modem cannot be set to is named with the file", "[node][radio]") {
  const auto set = settings_of(
      "band = \"custom\"\nlow_mhz = 433\nhigh_mhz = 435\nerp_dbm = 10\nduty_percent = 10\n"
      "frequency_mhz = 434");
  REQUIRE(set);
  CHECK(check_radio_can("/d", {RadioName::Kind::rnode, "x", 0}, *set, AirShare::hamlet));
  const auto refused = check_radio_can("/d", {RadioName::Kind::rylr, "x", 0}, *set, AirShare::hamlet);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what ==
        "/d/config.toml, [radio]: an AT modem cannot be set to frequency 434000000: choose 820 to 1020 MHz");
}

TEST_CASE("radio settings: a dwell time into which an RNode's frame fits may be too short for an AT modem's",
          "[node][radio]") {
  const RadioName rnode{RadioName::Kind::rnode, "x", 0};
  const RadioName rylr{RadioName::Kind::rylr, "x", 0};
  const auto enough = settings_of("dwell_ms = 400");
  const auto little = settings_of("dwell_ms = 350");
  REQUIRE(enough);
  REQUIRE(little);
  CHECK(check_radio_can("/d", rylr, *enough, AirShare::hamlet));
  CHECK(check_radio_can("/d", rnode, *little, AirShare::hamlet));
  const auto refused = check_radio_can("/d", rylr, *little, AirShare::hamlet);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().what, Catch::Contains("with an AT modem no frame fits into dwell_ms"));
}

TEST_CASE("radio settings: a concentrator is for the commune, and another machine's is named", "[node][radio]") {
  const RadioName here{RadioName::Kind::udp, "127.0.0.1", 1700};
  const RadioName anywhere{RadioName::Kind::udp, "0.0.0.0", 1700};
  const auto said = [](const RadioName& name, const std::string& lines, AirShare share = AirShare::commune) {
    const auto set = settings_of(lines);
    REQUIRE(set);
    const auto refused = check_radio_can("/d", name, *set, share);
    return refused ? std::string("taken") : refused.error().what;
  };
  const std::string named = "forwarder = \"192.168.7.2\"\nforwarder_eui = \"AA555a0000000101\"\n";
  CHECK(said(here, "") == "taken");
  CHECK(said(here, named) == "taken");
  CHECK(said(anywhere, named) == "taken");
  CHECK_THAT(said(here, "", AirShare::hamlet), Catch::Contains("a concentrator is for the commune alone"));
  CHECK_THAT(said(anywhere, ""), Catch::Contains("udp:0.0.0.0:1700 is open to other machines"));
  CHECK(said(here, "bandwidth_khz = 250") ==
        "/d/config.toml, [radio]: a concentrator hears its eight channels with a bandwidth of 125 kHz alone: choose "
        "bandwidth_khz = 125");
  CHECK(said({RadioName::Kind::rnode, "x", 0}, named) ==
        "/d/config.toml, [radio]: forwarder goes with --radio udp: alone: take it out, and forwarder_eui");

  CHECK(refusal_of("forwarder = \"192.168.7.2\"") == "forwarder = \"192.168.7.2\": say forwarder_eui as well");
  CHECK(refusal_of("forwarder_eui = \"aa555a0000000101\"") ==
        "forwarder_eui = \"aa555a0000000101\": say forwarder as well");
  CHECK(refusal_of("forwarder = \"gateway.local\"\nforwarder_eui = \"aa555a0000000101\"") ==
        "forwarder = \"gateway.local\": write the numeric address of the packet forwarder's machine, such as "
        "\"192.168.7.2\"");
  CHECK(refusal_of("forwarder = 7\nforwarder_eui = \"aa555a0000000101\"")
            .starts_with("forwarder = 7: write the numeric"));
  CHECK(refusal_of("forwarder = \"192.168.7.2\"\nforwarder_eui = \"aa55\"") ==
        "forwarder_eui = \"aa55\": write the sixteen hexadecimal digits of gateway_ID in its global_conf.json");
}
