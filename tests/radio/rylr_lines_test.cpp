#include "radio/modem/rylr_lines.h"

#include <catch2/catch.hpp>

#include "sync/base/rng.h"
#include "tests/support/seed.h"

using namespace khuoi;
using namespace khuoi::radio;

namespace {

std::vector<RylrSaid> read(RylrReader& reader, std::string_view text) {
  std::vector<RylrSaid> out;
  ByteView octets = view_of(text);
  while (!octets.empty()) {
    if (auto said = reader.take(octets)) out.push_back(std::move(*said));
  }
  return out;
}

std::vector<RylrSaid> read(std::string_view text) {
  RylrReader reader;
  return read(reader, text);
}

RylrSaid heard(std::string_view data, double rssi = -40, double snr = 11) {
  return {"RCV", "", to_bytes(view_of(data)), {rssi, snr}};
}

}  // namespace

TEST_CASE("rylr text: any octets come back, in five characters for four octets", "[radio]") {
  const std::uint64_t seed = tests::seed_of_run(5);
  INFO("seed=" << seed);
  SeededRng rng(seed);
  for (std::size_t size = 0; size <= rylr_frame_octets_max; ++size) {
    Bytes octets(size);
    rng.fill(octets);
    if (size % 3 == 0) std::fill(octets.begin(), octets.end(), size % 2 == 0 ? 0xff : 0);
    const std::string text = rylr_text(octets);
    REQUIRE(text.size() == rylr_text_size(size));
    REQUIRE(rylr_octets(view_of(text)) == octets);
    REQUIRE(text.find_first_of(", \r\n\"'\\;") == std::string::npos);
  }
  CHECK(rylr_text_size(rylr_frame_octets_max) == rylr_text_max);
  // The test vector of ZeroMQ RFC 32.
  CHECK(rylr_text(*from_hex("864fd26fb559f75b")) == "HelloWorld");
}

TEST_CASE("rylr text: what is no such text is nothing", "[radio]") {
  for (const char* text : {"a", "HelloW", "Hello,orld", "hel o", "#####", "\x80hell", "He\nlo"}) {
    CAPTURE(text);
    CHECK_FALSE(rylr_octets(view_of(text)));
  }
}

TEST_CASE("rylr lines: answers, values and what was heard are told apart", "[radio]") {
  const auto said = read("+READY\r\n+OK\r\n+ERR=17\r\n+PARAMETER=9,7,1,12\r\n+RCV=50,5,HELLO,-40,11\r\n+OK\n");
  REQUIRE(said.size() == 6);
  CHECK(said[0] == RylrSaid{"READY", "", {}, {}});
  CHECK(said[2] == RylrSaid{"ERR", "17", {}, {}});
  CHECK(said[3] == RylrSaid{"PARAMETER", "9,7,1,12", {}, {}});
  CHECK(said[4] == heard("HELLO"));
  CHECK(said[4].signal.rssi_dbm == -40);
  CHECK(said[4].signal.snr_db == 11);
  CHECK(read("+RCV=0,0,,-99,-7,\r\n").at(0).signal.snr_db == -7);  // older guides have a comma there
}

TEST_CASE("rylr lines: data is taken by its length, whatever is in it", "[radio]") {
  for (const std::string& data :
       {std::string("a,b,-1,2"), std::string("+OK\r\n"), std::string("\r\n+ERR=4\r\n+RESET\r\n"),
        std::string("\0\n\r,", 4), std::string(240, '\n'), std::string("\r\r\r")}) {
    CAPTURE(data);
    const auto said = read("+RCV=7," + std::to_string(data.size()) + "," + data + ",-40,11\r\n+OK\r\n");
    REQUIRE(said.size() == 2);
    CHECK(said[0] == heard(data));
    CHECK(said[1].name == "OK");
  }
}

TEST_CASE("rylr lines: lies, garbage and lines without an end are dropped and counted", "[radio]") {
  for (const std::string line :
       {"+RCV=1,5,HELL,-40,11", "+RCV=1,241,x,-40,11", "+RCV=1,-1,x,-40,11", "+RCV=x,1,x,-40,11",
        "+RCV=65536,1,x,-40,11", "+RCV=1,1,x,-40", "+RCV=1,1,x,-40,snr", "+RCV=1,1,x,-9999,1", "+RCV=1,1",
        "+RCV=", "+RCV", "OK", "+", "+ok", "ets Jul 29 2019", "+=4", "\x80\xff"}) {
    CAPTURE(line);
    RylrReader reader;
    const auto said = read(reader, line + "\r\n+OK\r\n+OK\r\n");
    REQUIRE_FALSE(said.empty());
    CHECK(said.back().name == "OK");
    CHECK(said.back().data.empty());
    CHECK(reader.dropped() >= 1);
  }
  RylrReader reader;
  CHECK(read(reader, std::string(100'000, 'x')).empty());
  CHECK(reader.in_line());
  CHECK(read(reader, "\n+OK\n").size() == 1);
  // Data that is announced and does not come holds what follows back, until whoever knows the time says so.
  CHECK(read(reader, "+RCV=1,200,x\r\n+OK\r\n").empty());
  reader.forget();
  CHECK(read(reader, "+OK\r\n").size() == 1);
}

TEST_CASE("rylr lines: each error has a sentence of its own", "[radio]") {
  for (const unsigned number : {1U, 2U, 4U, 5U, 10U, 12U, 13U, 14U, 17U, 18U, 19U, 20U}) {
    CHECK(rylr_error(number) != rylr_error(99));
  }
}
