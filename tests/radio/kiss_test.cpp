#include "radio/modem/kiss.h"

#include <catch2/catch.hpp>
#include <vector>

#include "sync/base/rng.h"
#include "tests/support/seed.h"

using namespace khuoi;
using namespace khuoi::radio;

namespace {

Bytes hex(const char* text) { return from_hex(text).value(); }

std::vector<KissFrame> read_all(KissReader& reader, ByteView octets) {
  std::vector<KissFrame> out;
  while (auto frame = reader.take(octets)) out.push_back(std::move(*frame));
  CHECK(octets.empty());
  return out;
}

std::vector<KissFrame> read_all(ByteView octets) {
  KissReader reader;
  return read_all(reader, octets);
}

Bytes frame_of(std::uint8_t command, ByteView data) {
  Bytes out;
  append_kiss(out, command, data);
  return out;
}

}  // namespace

TEST_CASE("kiss: a frame is written as the RNode host protocol draws it", "[radio]") {
  CHECK(to_hex(frame_of(0x08, hex("73"))) == "c00873c0");
  CHECK(to_hex(frame_of(0x01, hex("c0db00dc"))) == "c001dbdcdbdd00dcc0");
  CHECK(to_hex(frame_of(0x00, {})) == "c000c0");
}

TEST_CASE("kiss: what is written is read back, in any pieces", "[radio]") {
  const auto seed = tests::seed_of_run(41);
  INFO("seed=" << seed);
  SeededRng rng(seed);
  for (int round = 0; round < 200; ++round) {
    std::vector<KissFrame> frames;
    Bytes cable;
    for (int i = 0; i < 5; ++i) {
      KissFrame frame{static_cast<std::uint8_t>(rng.below(0x91)), {}};
      const auto octets = rng.below(kiss_data_octets_max + 1);
      for (std::uint64_t at = 0; at < octets; ++at) {
        const auto pick = rng.below(4);
        frame.data.push_back(pick == 0 ? 0xc0 : pick == 1 ? 0xdb : static_cast<std::uint8_t>(rng.below(256)));
      }
      append_kiss(cable, frame.command, frame.data);
      frames.push_back(std::move(frame));
    }
    KissReader reader;
    std::vector<KissFrame> read;
    for (ByteView left = cable; !left.empty();) {
      const ByteView piece = left.first(std::min<std::size_t>(left.size(), 1 + rng.below(40)));
      left = left.subspan(piece.size());
      for (KissFrame& frame : read_all(reader, piece)) read.push_back(std::move(frame));
    }
    REQUIRE(read == frames);
    REQUIRE(reader.dropped() == 0);
  }
}

TEST_CASE("kiss: text and NULs before and between frames are left out", "[radio]") {
  const auto frames =
      read_all(hex("0000657473204a756e000000"
                   "c00846c0"
                   "00000000"
                   "c0480180c0"
                   "0d0a"
                   "c05001"
                   "56c0"));
  REQUIRE(frames.size() == 3);
  CHECK(frames[0] == KissFrame{0x08, hex("46")});
  CHECK(frames[1] == KissFrame{0x48, hex("0180")});
  CHECK(frames[2] == KissFrame{0x50, hex("0156")});
}

TEST_CASE("kiss: a lost C0 costs one frame at the most", "[radio]") {
  const Bytes cable =
      hex("c00141c0"
          "c00242c0"
          "c00343c0"
          "c00444c0");
  for (std::size_t at = 0; at < cable.size(); ++at) {
    if (cable[at] != 0xc0) continue;
    Bytes cut = cable;
    cut.erase(cut.begin() + static_cast<std::ptrdiff_t>(at));
    CAPTURE(at);
    const auto frames = read_all(cut);
    CHECK(frames.size() >= 3);
    for (const KissFrame& frame : frames) CHECK(frame.data.size() == 1);
  }
}

TEST_CASE("kiss: a C0 that came out of nowhere costs one frame at the most", "[radio]") {
  const Bytes cable =
      hex("c00141c0"
          "c00242c0"
          "c00343c0"
          "c00444c0");
  for (std::size_t at = 0; at <= cable.size(); ++at) {
    Bytes more = cable;
    more.insert(more.begin() + static_cast<std::ptrdiff_t>(at), 0xc0);
    CAPTURE(at);
    std::size_t whole = 0;
    for (const KissFrame& frame : read_all(more)) {
      if (frame.data == Bytes{static_cast<std::uint8_t>(frame.command + 0x40)}) ++whole;
    }
    CHECK(whole >= 3);
  }
}

TEST_CASE("kiss: a wrong escape drops its frame and no other", "[radio]") {
  KissReader reader;
  const auto frames = read_all(reader, hex("c001db41c0"
                                           "c00242c0"
                                           "c003dbc0"
                                           "c00444c0"));
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].command == 2);
  CHECK(frames[1].command == 4);
  CHECK(reader.dropped() == 2);
}

TEST_CASE("kiss: a frame without an end is dropped once it is too long, and the next one is read", "[radio]") {
  KissReader reader;
  Bytes endless = hex("c000");
  endless.resize(100'000, 0x55);
  CHECK(read_all(reader, endless).empty());
  CHECK(reader.dropped() == 1);
  const auto frames = read_all(reader, hex("c00846c0"));
  REQUIRE(frames.size() == 1);
  CHECK(frames[0] == KissFrame{0x08, hex("46")});
}
