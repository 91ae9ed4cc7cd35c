#include "radio/duty.h"

#include <catch2/catch.hpp>

#include "sync/base/rng.h"
#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::radio;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Priority = DutyLedger::Priority;

namespace {

constexpr DutyLedger::Limits one_percent{seconds(36), seconds(7)};
constexpr BootId first_boot{1};
/// A frame may leave the modem so much later than its driver believes.
constexpr Micros late = minutes(1);

Instant at(Micros since_boot) { return Instant(since_boot); }

/// What was on the air, by the true time that no node knows.
struct Channel {
  std::vector<std::pair<Micros, Micros>> frames;  ///< end and length
  /// The most in any hour, each frame in it whole.
  [[nodiscard]] Micros worst_hour() const {
    Micros worst{};
    for (std::size_t from = 0; from < frames.size(); ++from) {
      Micros sum{};
      for (std::size_t n = from; n < frames.size() && frames[n].first - frames[from].first < hours(1); ++n) {
        sum += frames[n].second;
      }
      worst = std::max(worst, sum);
    }
    return worst;
  }
};

}  // namespace

TEST_CASE("duty: what fits into the hour goes at once, and the next frame when the first is an hour and a minute old",
          "[radio]") {
  DutyLedger ledger(one_percent, first_boot);
  CHECK(ledger.take(at(seconds(10)), seconds(20), Priority::normal));
  ledger.ended(at(seconds(31)));
  CHECK(ledger.earliest(at(seconds(40)), seconds(10), Priority::normal) == at(hours(1) + late + seconds(31)));
  CHECK_FALSE(ledger.take(at(seconds(40)), seconds(10), Priority::normal));
  CHECK(ledger.take(at(hours(1) + late + seconds(31)), seconds(10), Priority::normal));
  CHECK(ledger.used(at(hours(1) + late + seconds(31))) == seconds(10));
}

TEST_CASE("duty: the last part of the hour is for urgent frames alone", "[radio]") {
  DutyLedger ledger(one_percent, first_boot);
  REQUIRE(ledger.take(at({}), seconds(29), Priority::normal));
  ledger.ended(at(seconds(30)));
  CHECK_FALSE(ledger.take(at(seconds(31)), milliseconds(1), Priority::normal));
  CHECK(ledger.left(at(seconds(31)), Priority::normal) == Micros(0));
  CHECK(ledger.left(at(seconds(31)), Priority::urgent) == seconds(7));
  CHECK(ledger.take(at(seconds(31)), seconds(7), Priority::urgent));
  CHECK_FALSE(ledger.take(at(seconds(40)), milliseconds(1), Priority::urgent));
}

TEST_CASE("duty: a frame that is longer than the hour's share never goes", "[radio]") {
  DutyLedger ledger(one_percent, first_boot);
  CHECK_FALSE(ledger.earliest(at({}), seconds(37), Priority::urgent));
  CHECK_FALSE(ledger.take(at({}), seconds(37), Priority::urgent));
  CHECK(ledger.used(at({})) == Micros(0));
}

TEST_CASE("duty: what a modem may still have in its queue counts until it is known to have left", "[radio]") {
  DutyLedger ledger(one_percent, first_boot);
  REQUIRE(ledger.take(at({}), seconds(29), Priority::normal));
  CHECK_FALSE(ledger.take(at(hours(2)), seconds(1), Priority::normal));
  ledger.ended(at(hours(2)));
  CHECK_FALSE(ledger.take(at(hours(3) + late - seconds(1)), seconds(1), Priority::normal));
  CHECK(ledger.take(at(hours(3) + late), seconds(1), Priority::normal));
}

TEST_CASE("duty: a block is written for many short frames, and a long frame alone", "[radio]") {
  DutyLedger ledger(one_percent, first_boot);
  std::size_t writes = 0;
  for (int i = 0; i < 20; ++i) {
    REQUIRE(ledger.take(at(seconds(i)), milliseconds(200), Priority::normal));
    writes += ledger.unsaved() ? 1 : 0;
    ledger.saved();
    ledger.ended(at(seconds(i)));
  }
  CHECK(writes == 2);
  REQUIRE(ledger.take(at(seconds(21)), milliseconds(9'400), Priority::normal));
  CHECK(ledger.unsaved());
}

TEST_CASE("duty: after a clean stop nothing that was not sent counts, after a crash the whole block does", "[radio]") {
  DutyLedger ledger(one_percent, first_boot);
  REQUIRE(ledger.take(at(seconds(5)), milliseconds(500), Priority::normal));
  const Bytes crashed = ledger.encode();
  ledger.ended(at(seconds(6)));
  ledger.give_back();
  CHECK(ledger.unsaved());
  const auto clean = DutyLedger::load(one_percent, first_boot, ledger.encode(), at(seconds(60)));
  REQUIRE(clean);
  CHECK(clean->used(at(seconds(60))) == milliseconds(500));
  CHECK(clean->used(at(hours(1) + late + seconds(6))) == Micros(0));
  const auto after = DutyLedger::load(one_percent, first_boot, crashed, at(seconds(60)));
  REQUIRE(after);
  CHECK(after->used(at(seconds(60))) == seconds(2));
  CHECK(after->used(at(hours(1) + late + seconds(6))) == seconds(2));
}

TEST_CASE("duty: what an earlier start of the machine sent is as young as this start", "[radio]") {
  DutyLedger ledger(one_percent, first_boot);
  REQUIRE(ledger.take(at(minutes(1)), seconds(20), Priority::normal));
  ledger.ended(at(minutes(1)));
  const auto next = DutyLedger::load(one_percent, BootId{2}, ledger.encode(), at(seconds(9)));
  REQUIRE(next);
  CHECK(next->used(at(hours(1))) == seconds(20));
  CHECK(next->used(at(hours(1) + late + seconds(9))) == Micros(0));
}

TEST_CASE("duty: a ledger that does not decode is refused, and the hour then counts as used up", "[radio]") {
  DutyLedger ledger(one_percent, first_boot);
  REQUIRE(ledger.take(at(minutes(1)), seconds(20), Priority::normal));
  ledger.ended(at(minutes(1)));
  const Bytes whole = ledger.encode();
  const auto load = [](ByteView octets) { return DutyLedger::load(one_percent, first_boot, octets, at(hours(3))); };
  for (std::size_t octets = 0; octets < whole.size(); ++octets) {
    CAPTURE(octets);
    const auto cut = load(ByteView(whole).first(octets));
    if (octets == 24) CHECK(cut.has_value());  // between two rows: a file is written whole or not at all
    else CHECK_FALSE(cut.has_value());
  }
  Bytes negative = whole;
  negative[16] = 0x80;
  CHECK_FALSE(load(negative));
  Bytes many = whole;
  for (int i = 0; i < 100; ++i) append(many, ByteView(whole).subspan(24));
  CHECK_FALSE(load(many));
  CHECK_FALSE(DutyLedger::spent(one_percent, first_boot, at(hours(3))).take(at(hours(4) - seconds(1)), seconds(1), Priority::urgent));
}

/// Crashes, clean stops, reboots and clocks that begin anew, under constant wish to send; what a modem sends may be on the
/// air some seconds after it was handed over, and even after the node that sent it is gone.
TEST_CASE("duty: over 100 reboots no hour of the channel is over the limit", "[radio]") {
  const std::uint64_t seed = GENERATE(range(1, 21));
  CAPTURE(seed);
  SeededRng rng(seed);
  Channel channel;
  Micros truth{}, booted{};
  BootId boot{1};
  Bytes disk = DutyLedger(one_percent, boot).encode();
  for (int start = 0; start < 100; ++start) {
    const bool reboots = rng.below(2) == 0;
    truth += seconds(1 + rng.below(600));
    if (reboots) {
      booted = truth - seconds(1);
      boot = BootId{static_cast<std::uint8_t>(2 + start)};
    }
    const auto now = [&] { return Instant(truth - booted); };
    auto ledger = DutyLedger::load(one_percent, boot, disk, now());
    REQUIRE(ledger);
    const int frames = static_cast<int>(rng.below(200));
    for (int n = 0; n < frames; ++n) {
      const Micros airtime = milliseconds(50 + rng.below(3000));
      if (ledger->take(now(), airtime, rng.below(4) == 0 ? Priority::urgent : Priority::normal)) {
        if (ledger->unsaved()) {
          disk = ledger->encode();
          ledger->saved();
        }
        truth += airtime + milliseconds(rng.below(5000));
        channel.frames.emplace_back(truth, airtime);
        if (rng.below(50) == 0) break;  // it crashes before it hears that the frame has left
        ledger->ended(now());
      }
      truth += seconds(rng.below(60));
    }
    if (rng.below(3) == 0) {
      ledger->give_back();
      disk = ledger->encode();
    }
  }
  CHECK(channel.frames.size() > 200);
  CHECK(channel.worst_hour() <= one_percent.hour);
}
