#include "radio/modem/gwmp.h"

#include <catch2/catch.hpp>

#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::radio;
using Catch::Matchers::Contains;

namespace {

constexpr const char* good =
    R"({"jver":1,"tmst":3512348611,"chan":2,"rfch":0,"freq":922.500000,"stat":1,"modu":"LORA","datr":"SF9BW125",)"
    R"("codr":"4/6","rssis":-37,"lsnr":5.1,"foff":-12,"rssi":-35,"size":4,"data":"AQIDBA=="})";

std::string with(const std::string& key, const std::string& value) {
  std::string out = good;
  const std::size_t at = out.find("\"" + key + "\":") + key.size() + 3;
  const std::size_t end = out[at] == '"' ? out.find('"', at + 1) + 1 : out.find_first_of(",}", at);
  return out.replace(at, end - at, value);
}

Result<GwmpHeard> push(const std::string& entries) { return decode_push(view_of("{\"rxpk\":[" + entries + "]}")); }

}  // namespace

TEST_CASE("gwmp: headers are read, and only what a forwarder sends", "[radio]") {
  const Bytes pull = *from_hex("02beef02aa555a0000000101");
  const auto packet = decode_gwmp(pull);
  REQUIRE(packet);
  CHECK(packet->kind == GwmpKind::pull_data);
  CHECK(packet->token == 0xbeef);
  CHECK(packet->eui == *parse_eui("AA555A0000000101"));
  CHECK(gwmp_ack(GwmpKind::pull_ack, 0xbeef) == *from_hex("02beef04"));
  CHECK(gwmp_ack(GwmpKind::push_ack, 0x0102) == *from_hex("02010201"));
  CHECK(decode_gwmp(*from_hex("02beef05aa555a0000000101"))->json.empty());
  CHECK(text_of(decode_gwmp(*from_hex("02beef00aa555a00000001017b7d"))->json) == "{}");
  for (const char* wrong : {"", "02", "02beef02aa555a00000001", "01beef02aa555a0000000101",
                            "02beef02aa555a000000010100", "02beef01aa555a0000000101", "02beef03aa555a0000000101",
                            "02beef04aa555a0000000101", "02beef06aa555a0000000101", "02beefffaa555a0000000101"}) {
    CAPTURE(wrong);
    CHECK_FALSE(decode_gwmp(*from_hex(wrong)));
  }
  CHECK_FALSE(parse_eui("aa555a000000010"));
  CHECK_FALSE(parse_eui("aa555a00000001g1"));
  CHECK_FALSE(parse_eui(""));
}

TEST_CASE("gwmp: frames that were heard come with channel, modulation and signal", "[radio]") {
  const auto heard = push(std::string(good) + "," + with("datr", "\"SF12BW500\"") + "," + with("data", "\"AQIDBA\""));
  REQUIRE(heard);
  REQUIRE(heard->frames.size() == 3);
  const GwmpFrame& frame = heard->frames[0];
  CHECK(frame.frequency_hz == 922'500'000);
  CHECK(frame.modulation == Modulation{125'000, 9, 6});
  CHECK(frame.octets == Bytes{1, 2, 3, 4});
  CHECK(frame.rssi_dbm == -37);
  CHECK(frame.snr_db == 5.1);
  CHECK(heard->frames[1].modulation == Modulation{500'000, 12, 6});
  CHECK(heard->frames[2].octets == Bytes{1, 2, 3, 4});  // padding may be left out
  CHECK(heard->other + heard->malformed == 0);
  CHECK(decode_push(view_of(R"({"stat":{"rxnb":2}})"))->frames.empty());
  CHECK(decode_push(view_of("{}"))->frames.empty());
}

TEST_CASE("gwmp: damaged frames, those without a checksum and other modulations are left out", "[radio]") {
  const auto heard = push(with("stat", "-1") + "," + with("stat", "0") + "," + with("modu", "\"FSK\"") + "," + good);
  REQUIRE(heard);
  CHECK(heard->frames.size() == 1);
  CHECK(heard->other == 3);
  CHECK(heard->malformed == 0);
}

TEST_CASE("gwmp: an entry of any wrong shape is counted, and does not spoil the next one", "[radio]") {
  for (const std::string& wrong : {std::string("7"),
                                   std::string("[]"),
                                   std::string("null"),
                                   std::string("{}"),
                                   with("stat", "\"1\""),
                                   with("modu", "7"),
                                   with("datr", "50000"),
                                   with("datr", "\"SF9\""),
                                   with("datr", "\"SF9BW125x\""),
                                   with("datr", "\"SF13BW125\""),
                                   with("datr", "\"SF4BW125\""),
                                   with("datr", "\"SF9BW200\""),
                                   with("datr", "\"SF99999999999BW125\""),
                                   with("codr", "\"OFF\""),
                                   with("codr", "\"4/9\""),
                                   with("codr", "\"\""),
                                   with("freq", "\"922.5\""),
                                   with("freq", "-1"),
                                   with("freq", "1e300"),
                                   with("freq", "0"),
                                   with("size", "5"),
                                   with("size", "3"),
                                   with("size", "-1"),
                                   with("size", "4.5"),
                                   with("size", "256"),
                                   with("size", "1e99"),
                                   with("data", "7"),
                                   with("data", "\"AQID*A==\""),
                                   with("data", "\"\""),
                                   with("data", "\"AQIDB\""),
                                   with("data", "\"" + std::string(400, 'A') + "\""),
                                   with("rssis", "\"x\""),
                                   with("rssis", "-1000"),
                                   with("lsnr", "null"),
                                   with("lsnr", "1e9")}) {
    CAPTURE(wrong);
    const auto heard = push(wrong + "," + good);
    REQUIRE(heard);
    CHECK(heard->frames.size() == 1);
    CHECK(heard->malformed == 1);
  }
}

TEST_CASE("gwmp: what is no such JSON is malformed as a whole", "[radio]") {
  for (const std::string& wrong :
       {std::string(""), std::string("x"), std::string("{"), std::string("[]"), std::string("7"), std::string("{}{}"),
        std::string(R"({"rxpk":7})"), std::string(R"({"rxpk":{}})"),
        std::string("{\"rxpk\":[") + std::string(40'000, '['), std::string("{\"a\":\"\xff\"}")}) {
    CAPTURE(wrong.substr(0, 40));
    CHECK_FALSE(decode_push(view_of(wrong)));
  }
  std::string many = "7";
  for (int n = 0; n < 256; ++n) many += ",7";
  CHECK_FALSE(push(many));
}

TEST_CASE("gwmp: what is to be sent says all that the forwarder needs", "[radio]") {
  const Bytes octets{0x30, 1, 2, 3, 0xff};
  const Bytes datagram = encode_pull_resp(0x1234, {922'000'005, {125'000, 9, 5}, 14, 18, octets});
  CHECK(to_hex(ByteView(datagram).first(4)) == "02123403");
  CHECK(text_of(ByteView(datagram).subspan(4)) ==
        R"({"txpk":{"imme":true,"freq":922.000005,"rfch":0,"powe":14,"modu":"LORA","datr":"SF9BW125","codr":"4/5",)"
        R"("ipol":false,"prea":18,"size":5,"data":"MAECA/8="}})");
}

TEST_CASE("gwmp: TX_ACK says nothing, an error or a warning, and each has a sentence", "[radio]") {
  const auto said = [](std::string_view json) { return decode_tx_ack(view_of(json)); };
  for (const char* well : {"", R"({"txpk_ack":{}})", R"({"txpk_ack":{"error":"NONE"}})"}) {
    REQUIRE(said(well));
    CHECK(said(well)->error.empty());
  }
  CHECK(said(std::string_view("\0", 1))->error.empty());
  CHECK(said(R"({"txpk_ack":{"error":"TX_FREQ"}})")->error == "TX_FREQ");
  const auto warned = said(R"({"txpk_ack":{"warn":"TX_POWER","value":20}})");
  CHECK(warned->warning == "TX_POWER");
  CHECK(warned->error.empty());
  CHECK(said(R"({"txpk_ack":{"error":")" + std::string(5000, 'x') + "\"}}")->error.size() == 40);
  CHECK(said(R"({"txpk_ack":{"error":7}})")->error.empty());
  for (const char* wrong : {"x", "[]", "{}", R"({"txpk_ack":7})", R"({"txpk_ack":)"}) CHECK_FALSE(said(wrong));

  for (const char* word :
       {"TOO_LATE", "TOO_EARLY", "COLLISION_PACKET", "COLLISION_BEACON", "TX_FREQ", "TX_POWER", "GPS_UNLOCKED"}) {
    CHECK_THAT(gwmp_error(word), Contains(word) && !Contains("did not send"));
  }
  CHECK(gwmp_error("\x1b[31m") ==
        "the concentrator did not send a frame (?[31m): look at the log of its packet forwarder");
}
