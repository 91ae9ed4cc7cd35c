#include "tests/bench/radio/rows.h"

namespace khuoi::bench {

namespace {

/// A box that nobody asked sends a frame.
class Stranger final : public sim::Ear {
 public:
  explicit Stranger(sim::Air& air) : air_(air), number_(air.add(*this)) {}
  void say(const radio::Modulation& modulation) {
    air_.tune(number_, sim::Tuning{921'400'000, modulation});
    air_.send(number_, Bytes(20, 0xa5), radio::rnode_preamble_symbols(modulation));
  }
  void heard(ByteView, const radio::Signal&) override {}
  void carrier_changed() override {}
  void sent() override {}

 private:
  sim::Air& air_;
  sim::ModemNumber number_;
};

void ledgers(Sheet& sheet, const Homes& homes) {
  // Some 67 s of air are wanted.
  const auto many = submissions(140, 78);
  World off(homes, {.seed = 101, .modulation = sf9, .planted = {.ledger_off = true}, .snr_db = -9});
  off.submit_all(1, many);
  off.start_all();
  off.begin_count();
  off.finish();
  sheet.planted("ledger_off", check::hour, off);
  // The hour is used up; the box starts anew, and thinks that it never sent.
  World lost(homes, {.seed = 102, .modulation = sf9, .planted = {.ledger_lost = true}, .snr_db = -9});
  lost.submit_all(1, many);
  lost.start_all();
  lost.begin_count();
  lost.loop.run_for(20min);
  lost.begin_anew(1);
  lost.start(1);
  lost.finish();
  sheet.planted("ledger_lost", check::hour, lost);
}

void acknowledgements(Sheet& sheet, const Homes& homes, const std::vector<std::string>& xml) {
  World early(homes, {.seed = 103, .planted = {.ack_before_commit = true}});
  early.submit(1, xml[0]);
  early.start_all();
  early.settle(10min);
  sheet.planted("ack_before_commit", check::commit, early);
  World told(homes, {.hamlets = 2, .seed = 108, .planted = {.report_before_commit = true}});
  told.start_all();
  told.quiet_down();
  told.announce("Họp xóm tối nay.");
  told.settle(10min);
  sheet.planted("report_before_commit", check::commit, told);
  World forgotten(homes, {.seed = 104, .planted = {.ack_forgotten = true}});
  forgotten.submit(1, xml[0]);
  forgotten.start_all();
  forgotten.loop.run_for(5min);
  forgotten.begin_anew(1);
  forgotten.start(1);
  forgotten.loop.run_for(5min);
  sheet.planted("ack_forgotten", check::again, forgotten);
}

void counters(Sheet& sheet, const Homes& homes, const std::vector<std::string>& xml) {
  World reset(homes, {.seed = 105, .planted = {.counter_reset = true}});
  reset.submit(1, xml[0]);
  reset.start_all();
  reset.quiet_down();
  reset.begin_anew(1);
  reset.submit(1, xml[1]);
  reset.start(1);
  reset.loop.run_for(5min);
  sheet.planted("counter_reset", check::counter, reset);
}

void observers(Sheet& sheet, const Homes& homes, const std::vector<std::string>& xml) {
  World noisy(homes, {.seed = 106});
  Stranger stranger(noisy.air);
  noisy.submit(1, xml[0]);
  noisy.start_all();
  noisy.begin_count();
  noisy.loop.after(15min, [&] { stranger.say(sf7); });
  noisy.finish();
  sheet.planted("frame_in_the_silence", check::silence, noisy);
  World altered(homes, {.seed = 107});
  altered.submit(1, xml[0]);
  altered.given.back().back() = ' ';
  altered.start_all();
  altered.begin_count();
  altered.finish();
  sheet.planted("one_octet_altered", check::same, altered);
}

}  // namespace

void planted_rows(Sheet& sheet, const Homes& homes) {
  const auto two = submissions(2, 80);
  ledgers(sheet, homes);
  acknowledgements(sheet, homes, two);
  counters(sheet, homes, two);
  observers(sheet, homes, two);
}

}  // namespace khuoi::bench
