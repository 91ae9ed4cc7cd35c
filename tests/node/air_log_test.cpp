#include "node/links/radio/air_log.h"

#include <catch2/catch.hpp>

#include "radio/frame.h"
#include "radio/object_frames.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace std::chrono_literals;

namespace {

/// A MAC of the counter and the length, and one alias.
class SmallKeys final : public FrameKeys {
 public:
  std::optional<FrameMac> mac(const Name& name, const Input& input) override {
    if (name.alias != 7) return std::nullopt;
    return FrameMac{1, static_cast<std::uint8_t>(input.counter), static_cast<std::uint8_t>(input.octets.size()),
                    static_cast<std::uint8_t>(name.from_commune)};
  }
  std::optional<FrameMac> group_mac(unsigned, const Input&) override { return FrameMac{9, 9, 9, 9}; }
  [[nodiscard]] Turn turn_of(RadioAlias) const override { return {}; }
  StreamDigest chain(const StreamDigest& before, ByteView) override { return before; }
};

constexpr radio::Signal clear{-100, 3, {922'500'000, 9}};
constexpr AssociationTokens tokens{{1, 2, 3, 4}, std::array<std::uint8_t, 4>{5, 6, 7, 8}};

/// A node that hears frames and looks after each whether its MAC is right, as a station does.
struct Listening {
  SmallKeys real;
  AirLog log;
  FrameKeys& keys = log.keys(real);
  Instant now{100h};

  Bytes data(std::uint32_t counter, std::uint8_t flags = 0) {
    Bytes out = radio::begin_frame(radio::FrameType::data, flags, 7, static_cast<std::uint8_t>(counter), Bytes(30, 1));
    append(out, *real.mac({7, tokens, false}, {counter, {}, out}));
    return out;
  }
  void hear(const Bytes& octets, std::uint32_t expected, const AssociationTokens& of = tokens,
            const radio::Signal& signal = clear) {
    log.expect();
    const auto frame = radio::decode_frame(octets);
    if (frame) (void)keys.mac({frame->alias, of, false}, {expected, {}, frame->before_mac});
    log.heard({now, UnixSeconds{1'795'000'000}}, octets, signal, 200ms);
  }
  AirSurvey::Row row(unsigned hours = 6) { return log.survey(now, hours)[7]; }
};

}  // namespace

TEST_CASE("air log: a frame is verified if a key made it with the counter that is expected", "[node][radio]") {
  Listening node;
  node.hear(node.data(300), 300);
  node.hear(node.data(301), 302);
  Bytes of_others = node.data(4);
  of_others[2] = 8;
  node.hear(of_others, 4);
  node.hear(Bytes(5, 0), 0);
  const auto passed = node.log.after(0, 0ms);
  REQUIRE(passed.frames.size() == 4);
  CHECK(passed.frames[0].verified);
  CHECK(passed.frames[0].counter == 300U);
  CHECK(passed.frames[0].signal->snr_db == 3);
  CHECK(passed.frames[0].spreading_factor == 9);
  for (std::size_t i = 1; i < 4; ++i) {
    CHECK_FALSE(passed.frames[i].verified);
    CHECK_FALSE(passed.frames[i].counter);
  }
  // Only what is verified counts: nobody can spoil the figures of a box.
  CHECK(node.row().figures.frames == 1);
  CHECK(node.log.survey(node.now, 6).size() == 1);
}

TEST_CASE("air log: what is sent has its counter, and its time on air is the box's", "[node][radio]") {
  Listening node;
  node.log.expect();
  Bytes frame = radio::begin_frame(radio::FrameType::ack, 0, 7, 5, Bytes{1});
  append(frame, *node.keys.mac({7, tokens, true}, {261, {}, frame}));
  node.log.sent({node.now, UnixSeconds{1}}, frame, 9, 150ms);
  const auto passed = node.log.after(0, 0ms);
  REQUIRE(passed.frames.size() == 1);
  CHECK(passed.frames[0].sent);
  CHECK(passed.frames[0].counter == 261U);
  CHECK_FALSE(passed.frames[0].signal);
  CHECK(node.row().figures.airtime_sent == 150ms);
  CHECK(node.row().figures.frames == 0);
}

TEST_CASE("air log: what is passed on for a neighbour has no part in the survey", "[node][radio]") {
  Listening node;
  Bytes frame = node.data(3);
  frame[2] = 8;
  node.log.expect();
  node.log.sent({node.now, UnixSeconds{1}}, frame, 9, 150ms);
  const auto passed = node.log.after(0, 0ms);
  REQUIRE(passed.frames.size() == 1);
  CHECK_FALSE(passed.frames[0].verified);
  CHECK(node.log.survey(node.now, 6).empty());
}

TEST_CASE("air log: a frame to all is verified by a key of the group, and has no counter", "[node][radio]") {
  Listening node;
  Bytes frame = radio::begin_frame(radio::FrameType::symbol, 3, radio::group_alias, 2, Bytes(20, 1));
  append(frame, FrameMac{9, 9, 9, 9});
  node.log.expect();
  (void)node.keys.group_mac(0, {2, {}, frame});
  node.log.heard({node.now, UnixSeconds{1}}, frame, clear, 300ms);
  const auto passed = node.log.after(0, 0ms);
  REQUIRE(passed.frames.size() == 1);
  CHECK(passed.frames[0].verified);
  CHECK_FALSE(passed.frames[0].counter);
  const auto figures = node.log.survey(node.now, 6).at(radio::group_alias).figures;
  CHECK(figures.frames == 1);
  CHECK(figures.fresh + figures.missed == 0);
}

TEST_CASE("air log: frames are told apart by the spreading factor that they came with, over all hours", "[node][radio]") {
  AirSurvey survey;
  const auto hear = [&](Instant at, double snr, unsigned factor) {
    survey.heard(at, {7, true, std::nullopt, {-100, snr, {0, factor}}, 100ms});
  };
  const Instant first{Micros(1h)};
  hear(first, 5, 7);
  hear(first, 1, 7);
  hear(first + 1h, 3, 7);
  hear(first + 1h, -8, 9);
  const auto figures = survey.rows(first + 1h, 6).at(7).figures;
  REQUIRE(figures.by_factor.size() == 2);
  CHECK(figures.by_factor.at(7).frames == 3);
  CHECK(figures.by_factor.at(7).snr_sum_db == 9);
  CHECK(figures.by_factor.at(7).snr_worst_db == 1);
  CHECK(figures.by_factor.at(9).snr_worst_db == -8);
  CHECK(survey.rows(first + 1h, 1).at(7).figures.by_factor.at(7).frames == 1);
}

TEST_CASE("air log: who reads too slowly is told how many frames it missed, and nobody waits for it", "[node][radio]") {
  Listening node;
  for (std::uint32_t i = 0; i < AirLog::frames_max + 40; ++i) node.hear(node.data(i), i);
  auto passed = node.log.after(10, 0ms);
  CHECK(passed.missed == 30);
  REQUIRE(passed.frames.size() == AirLog::frames_max);
  CHECK(passed.frames.back().number == node.log.newest());
  passed = node.log.after(node.log.newest(), 0ms);
  CHECK(passed.frames.empty());
  CHECK(passed.missed == 0);
}

TEST_CASE("air survey: counters that were passed over are lost, frames sent again are not", "[node][radio]") {
  Listening node;
  for (const std::uint32_t counter : {0U, 1U, 4U, 2U, 4U, 5U}) node.hear(node.data(counter), counter);
  CHECK(node.row().figures.frames == 6);
  CHECK(node.row().figures.fresh == 4);
  CHECK(node.row().figures.missed == 2);
  // Counters of another association begin anew.
  AssociationTokens next = tokens;
  next.hamlet = {9, 9, 9, 9};
  node.hear(node.data(1), 1, next);
  CHECK(node.row().figures.fresh == 5);
  CHECK(node.row().figures.missed == 3);
}

TEST_CASE("air survey: signals are of the hours that were asked for, and of a day at most", "[node][radio]") {
  Listening node;
  node.hear(node.data(0), 0, tokens, {-120, -9, {922'500'000, 9}});
  node.now += 2h;
  node.hear(node.data(1), 1, tokens, {-110, 1, {922'500'000, 9}});
  node.hear(node.data(2), 2, tokens, {-108, 5, {922'500'000, 9}});
  const auto two = node.row(2).figures;
  CHECK(two.frames == 2);
  CHECK(two.snr_sum_db == Approx(6));
  CHECK(two.snr_worst_db == Approx(1));
  const auto three = node.row(3).figures;
  CHECK(three.frames == 3);
  CHECK(three.snr_worst_db == Approx(-9));
  CHECK(three.rssi_sum_dbm == Approx(-338));
  CHECK(three.airtime_heard == 600ms);
  node.now += 23h;
  CHECK(node.row(24).figures.frames == 2);
  node.now += 24h;
  CHECK(node.row(24).figures.frames == 0);
  CHECK(node.row(24).heard_at == node.now - 47h);
}
