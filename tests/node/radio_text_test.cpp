#include "node/cli/radio_text.h"

#include <catch2/catch.hpp>

#include "radio/frame.h"
#include "radio/relay_frames.h"
#include "radio/snr_floor.h"

using namespace khuoi;
using namespace khuoi::node;

namespace {

const BoxNames names{{0x1a2b, "Khuổi Mèo"}};

PassedFrame passed(Bytes octets, bool sent = false) {
  append(octets, FrameMac{1, 2, 3, 4});
  PassedFrame out;
  out.number = 12;
  out.at = UnixSeconds{1'795'568'400};
  out.sent = sent;
  out.octets = std::move(octets);
  if (!sent) out.signal = radio::Signal{-109, -7.25, {922'500'000, 9}};
  out.spreading_factor = 9;
  out.airtime = std::chrono::microseconds(195'800);
  out.verified = true;
  out.counter = 300;
  return out;
}

bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("radio text: a frame of records says whose it is and what it announces", "[node][radio]") {
  const auto frame = passed(radio::begin_frame(radio::FrameType::data, 3, 0x1a2b, 44, Bytes(92, 1)));
  const std::string text = text_of_frame(frame, names);
  INFO(text);
  for (const char* part : {"  in   data", "300", "1a2b", "Khuổi Mèo", "100 octets", "SF9", "195.8 ms",
                           "-109.0 dBm, -7.2", "  verified", "last more"}) {
    INFO(part);
    CHECK(has(text, part));
  }
  const auto json = json_of_frame(frame, names);
  CHECK(boost::json::serialize(json) ==
        R"({"number":12,"at":1795568400,"direction":"in","octets":100,"airtime_us":195800,"spreading_factor":9,)"
        R"("rssi_dbm":-1.09E2,"snr_db":-7.25E0,"verified":true,"type":"data","alias":6699,"name":"Khuổi Mèo",)"
        R"("counter_low":44,"counter":300,"flags":["last","more"]})");
}

TEST_CASE("radio text: an acknowledgement says what it grants and holds", "[node][radio]") {
  const auto ack = radio::encode_ack({250, {8, 7}, 0b101, ByteView(Bytes{1, 2, 3})});
  const auto frame = passed(radio::begin_frame(radio::FrameType::ack, ack.flags, 0x1a2b, 4, ack.body), true);
  const std::string text = text_of_frame(frame, names);
  INFO(text);
  CHECK(has(text, "  out  ack"));
  CHECK(has(text, "through 250, grant 8, grant spreading factor 7, held 252 254, note octets 3"));
  CHECK_FALSE(has(text, "verified"));
  CHECK_FALSE(has(text, "dBm"));
  const auto json = json_of_frame(frame, names);
  CHECK(boost::json::serialize(json.at("ack")) ==
        R"({"through":250,"grant":8,"grant_spreading_factor":7,"held":[252,254],"note_octets":3})");
  CHECK(json.at("snr_db").is_null());
}

TEST_CASE("radio text: what is of others or no frame at all is shown as far as it goes", "[node][radio]") {
  auto frame = passed(radio::begin_frame(radio::FrameType::ask, 0, 0x0102, 4, {}));
  frame.verified = false;
  frame.counter.reset();
  const std::string text = text_of_frame(frame, names);
  INFO(text);
  CHECK(has(text, "x04"));
  CHECK(has(text, "0102 ?"));
  CHECK(has(text, "not verified"));
  CHECK(json_of_frame(frame, names).at("name").is_null());
  // Every type, with every cut of a body: nothing is read past an end.
  for (unsigned type = 0; type < 16; ++type) {
    for (std::size_t octets = 0; octets < 40; ++octets) {
      Bytes made(octets + 4, 0xff);
      made[0] = static_cast<std::uint8_t>(type << 4U | 1U);
      const auto any = passed(made);
      CHECK_FALSE(text_of_frame(any, names).empty());
      CHECK(json_of_frame(any, names).contains("type"));
    }
  }
}

TEST_CASE("radio text: who passes frames on for whom is said", "[node][radio]") {
  auto frame = passed(radio::begin_frame(radio::FrameType::hears, 0, 0x1a2b, 4, radio::encode_hears({{0x0102, -9}})));
  CHECK(boost::json::serialize(json_of_frame(frame, names).at("hears")) == R"([{"alias":258,"snr_db":-9}])");
  frame = passed(radio::begin_frame(radio::FrameType::serve, 0, 0x1a2b, 4, radio::encode_serve({0x0102})), true);
  CHECK(has(text_of_frame(frame, names), "serves 258"));
  frame = passed(radio::begin_frame(radio::FrameType::join, 9, 0x0102, 0, Bytes(20, 1)), true);
  frame.verified = false;
  const std::string text = text_of_frame(frame, names);
  INFO(text);
  CHECK(has(text, "passed on for a neighbour"));
  CHECK(has(text, "last relayed"));
}

TEST_CASE("radio survey: the quickest spreading factor that leaves 5 dB is suggested", "[node][radio]") {
  CHECK(radio::snr_floor_db(7) == Approx(-7.5));
  CHECK(radio::snr_floor_db(12) == Approx(-20));
  CHECK(radio::spreading_factor_for(-2.5, 5) == 7U);
  CHECK(radio::spreading_factor_for(-2.6, 5) == 8U);
  CHECK(radio::spreading_factor_for(-15, 5) == 12U);
  CHECK_FALSE(radio::spreading_factor_for(-15.1, 5));

  SurveyRow row{0x1a2b, "Khuổi Mèo", 30, {}};
  row.figures.frames = 4;
  row.figures.fresh = 3;
  row.figures.missed = 1;
  row.figures.snr_sum_db = -24;
  row.figures.snr_worst_db = -9;
  row.figures.rssi_sum_dbm = -440;
  const std::string text = text_of_survey({row, {0x0001, "Nà Lay", std::nullopt, {}}}, 9);
  INFO(text);
  for (const char* part : {"30 s ago", "25.0 %", "-6.0/-9.0", "-110.0", "1.5 4.0 6.5 9.0 11.5 14.0", "SF9", "never"}) {
    INFO(part);
    CHECK(has(text, part));
  }
  const auto json = json_of_row(row);
  CHECK(json.at("loss").get_double() == Approx(0.25));
  CHECK(json.at("suggested_spreading_factor").to_number<unsigned>() == 9);
  CHECK(json.at("margins_db").at("12").get_double() == Approx(14));
  CHECK(json_of_row({1, "Nà Lay", std::nullopt, {}}).at("suggested_spreading_factor").is_null());
}

TEST_CASE("radio survey: quick bursts, which are heard in good moments alone, do not make a slow word's margin better",
          "[node][radio]") {
  SurveyRow row{0x1a2b, "Khuổi Mèo", 30, {}};
  row.figures.frames = 12;
  row.figures.snr_sum_db = 10 * 4 + 2 * -9;
  row.figures.snr_worst_db = -10;
  row.figures.by_factor[7] = {10, 40, 1};
  row.figures.by_factor[9] = {2, -18, -10};
  const auto json = json_of_row(row);
  CHECK(json.at("suggested_spreading_factor").to_number<unsigned>() == 10);  // -9 dB is 6 above SF10's floor
  CHECK(json.at("margins_db").at("9").get_double() == Approx(3.5));
  CHECK(json.at("snr_mean_db").get_double() == Approx(22.0 / 12));
  CHECK(json.at("heard_by_spreading_factor").at("7").at("frames").to_number<unsigned>() == 10);
  CHECK(json.at("heard_by_spreading_factor").at("7").at("margin_worst_db").get_double() == Approx(8.5));
  CHECK(json.at("heard_by_spreading_factor").at("9").at("margin_mean_db").get_double() == Approx(3.5));
  const std::string text = text_of_survey({row}, 9);
  INFO(text);
  CHECK(has(text, "SF7 10 frames, 11.5 dB above its floor, the worst 8.5; SF9 2 frames, 3.5 dB"));
  CHECK(has(text, "SF10"));
}
