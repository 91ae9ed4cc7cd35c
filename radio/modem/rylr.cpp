#include "radio/modem/rylr.h"

#include <algorithm>
#include <utility>

#include "sync/base/check.h"

namespace khuoi::radio {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t own_octets = 8;  // of the modem, in each frame; the guides, "THE SEQUENCE OF USING AT COMMAND"
constexpr unsigned preamble_of_896 = 7, preamble_of_998 = 12;  // of an RYLR998 no other one goes with this network
constexpr unsigned network = 12;  // RNodes and LoRaWAN have others, so that they do not wake this modem
constexpr unsigned address = 1;   // the same everywhere: frames go to all
constexpr std::size_t items = 6;
constexpr std::size_t parameter_item = 4;

constexpr Micros boot_wait = milliseconds(300);
constexpr Micros reply_patience = seconds(1);
constexpr unsigned silences_max = 4;
constexpr unsigned silences_before_reset = 3, silences_while_finding = 10;
constexpr Micros look_pause = seconds(5);
constexpr Micros sent_patience = seconds(3);
constexpr Micros line_patience = milliseconds(500);  // the longest line takes 26 ms
constexpr Micros question_first = milliseconds(20);
constexpr Micros character_on_cable{87};
constexpr std::uint64_t turns = 14;
constexpr std::int64_t turn_first = 2;
constexpr std::size_t rylr_restarts_max = 3;
constexpr Micros rylr_restarts_within = seconds(60);

Micros turn_slot(const Modulation& modulation) {
  return std::clamp<Micros>(symbol_time(modulation) * 12, milliseconds(24), milliseconds(100));
}

unsigned bandwidth_code(std::uint32_t hertz) {
  return hertz == 62'500 ? 6 : hertz == 125'000 ? 7 : hertz == 250'000 ? 8 : 9;
}

unsigned factor_max(std::uint32_t bandwidth_hz) { return 9 + bandwidth_code(bandwidth_hz) - 7; }

}  // namespace

Micros rylr_airtime(const Modulation& modulation, std::size_t octets) {
  KHUOI_CHECK(octets <= rylr_frame_octets_max);
  return time_on_air(modulation, {.preamble_symbols = preamble_of_998}, rylr_text_size(octets) + own_octets);
}

Micros rylr_wait_max(const Modulation& modulation) {
  return turn_slot(modulation) * (turn_first + static_cast<std::int64_t>(turns) - 1) + question_first +
         character_on_cable * static_cast<std::int64_t>(rylr_text_max + 20);
}

Result<void> check_rylr_can(const ModemSettings& settings, std::optional<RylrModel> model) {
  const std::string who = !model ? "an AT modem" : model == RylrModel::rylr896 ? "an RYLR896" : "an RYLR998";
  const auto refuse = [&](const std::string& what, long value, const std::string& range) {
    return fail(Errc::usage, who + " cannot be set to " + what + " " + std::to_string(value) + ": choose " + range);
  };
  const Modulation& modulation = settings.modulation;
  const bool newer = model == RylrModel::rylr998;
  if (settings.frequency_hz < 820'000'000 || settings.frequency_hz > 1'020'000'000) {
    return refuse("frequency", settings.frequency_hz, "820 to 1020 MHz");
  }
  if (modulation.bandwidth_hz != 125'000 && modulation.bandwidth_hz != 250'000 && modulation.bandwidth_hz != 500'000 &&
      (newer || modulation.bandwidth_hz != 62'500)) {
    return refuse("bandwidth", modulation.bandwidth_hz, "125, 250 or 500 kHz");
  }
  const unsigned most = newer ? factor_max(modulation.bandwidth_hz) : 12;
  if (modulation.spreading_factor < 7 || modulation.spreading_factor > most) {
    return refuse("spreading factor", static_cast<long>(modulation.spreading_factor),
                  "7 to " + std::to_string(most) + (newer ? " with this bandwidth" : ""));
  }
  const int power = model == RylrModel::rylr896 ? 15 : 22;
  if (settings.power_dbm < 0 || settings.power_dbm > power) {
    return refuse("power", settings.power_dbm, "power_dbm = 0 to " + std::to_string(power));
  }
  return {};
}

Micros Rylr::airtime(std::size_t octets, unsigned spreading_factor) const {
  Modulation modulation = config_.modulation;
  modulation.spreading_factor = spreading_factor;
  return rylr_airtime(modulation, octets);
}

void Rylr::put(std::string_view line) {
  append(out_, view_of(line));
  append(out_, view_of("\r\n"));
}

/// What the modem is set to, in the order in which it is asked.
Rylr::Item Rylr::item(std::size_t number) const {
  const Modulation& modulation = settings_.modulation;
  switch (number) {
    case 0:
      return {"MODE", "0"};
    case 1:
      return {"NETWORKID", std::to_string(network)};
    case 2:
      return {"ADDRESS", std::to_string(address)};
    case 3:
      return {"BAND", std::to_string(settings_.frequency_hz)};
    case parameter_item: {
      const unsigned preamble = model_ == RylrModel::rylr896 ? preamble_of_896 : preamble_of_998;
      return {"PARAMETER", std::to_string(target_) + "," + std::to_string(bandwidth_code(modulation.bandwidth_hz)) +
                               "," + std::to_string(modulation.coding_rate - 4) + "," + std::to_string(preamble)};
    }
    default:
      return {"CRFOP", std::to_string(settings_.power_dbm)};
  }
}

// The phases.

void Rylr::opened(Instant now) {
  reader_ = {};
  out_.clear();
  restarts_.clear();
  if (auto can = check_rylr_can(settings_); !can) return fail_with(can.error().what, false);
  begin(Phase::finding, now);
}

void Rylr::closed() {
  phase_ = Phase::closed;
  frame_.clear();
  changed_ = true;
  out_.clear();
}

void Rylr::begin(Phase phase, Instant now) {
  phase_ = phase;
  changed_ = true;
  step_ = Step::none;
  answer_by_.reset();
  silences_ = 0;
  switch (phase) {
    case Phase::finding:
      frame_.clear();
      gone_at_.reset();
      busy_since_.reset();
      model_.reset();
      ask_at_ = now + boot_wait;
      break;
    case Phase::setting:
      settings_.modulation.spreading_factor = asked_for_;
      if (auto can = check_rylr_can(settings_, model_); !can) return fail_with(can.error().what, false);
      begin_item(0, Step::read, now);
      break;
    case Phase::up:
      why_.clear();
      ask_at_ = now + look_pause;
      next_question(now);
      break;
    default:
      ask_at_ = now;
      ask(now);
      break;
  }
}

void Rylr::begin_item(std::size_t number, Step step, Instant now) {
  item_ = number;
  step_ = step;
  target_ = phase_ == Phase::up && step == Step::write ? asked_for_ : settings_.modulation.spreading_factor;
  ask(now);
}

/// The value is in force.
void Rylr::end_item(Instant now) {
  const Step was = std::exchange(step_, Step::none);
  if (phase_ == Phase::setting) {
    if (item_ + 1 < items) return begin_item(item_ + 1, Step::read, now);
    return begin(Phase::up, now);
  }
  ask_at_ = now + look_pause;
  if (was == Step::read_back) {  // listen()
    settings_.modulation.spreading_factor = target_;
    changed_ = true;
  }
  next_question(now);
}

/// While up: another spreading factor that is wanted goes first.
void Rylr::next_question(Instant now) {
  if (phase_ != Phase::up || answer_by_ || gone_at_) return;
  if (switching() && frame_.empty()) {
    begin_item(parameter_item, Step::write, now);
  } else if (now >= ask_at_ && frame_.empty()) {
    checked_ = (checked_ + 1) % items;
    begin_item(checked_, Step::check, now);
  }
}

/// Puts the question of the phase or step.
void Rylr::ask(Instant now) {
  answer_by_ = now + reply_patience;
  if (phase_ == Phase::finding) return put("AT");
  if (phase_ == Phase::naming) return put("AT+VER?");
  const Item wanted = item(item_);
  if (step_ == Step::write) return put("AT+" + wanted.name + "=" + wanted.value);
  put("AT+" + wanted.name + "?");
}

void Rylr::restart(Phase phase, std::string why, Instant now) {
  ++figures_.resets;
  restarts_.push_back(now);
  while (restarts_.front() + rylr_restarts_within < now) restarts_.pop_front();
  if (restarts_.size() > rylr_restarts_max) {
    return fail_with("the modem starts anew again and again: look at its cable and its power supply", false);
  }
  why_ = std::move(why);
  frame_.clear();
  gone_at_.reset();
  begin(phase, now);
}

void Rylr::fail_with(std::string why, bool reset) {
  phase_ = Phase::failed;
  why_ = std::move(why);
  frame_.clear();
  gone_at_.reset();
  changed_ = true;
  if (reset) put("AT+RESET");
}

/// A question had no answer in time.
void Rylr::on_silence(Instant now) {
  ++silences_;
  if (phase_ == Phase::finding) {
    if (silences_ >= silences_while_finding) {
      return fail_with(
          "what is on the cable does not answer as an AT modem (RYLR896, RYLR998) with 115,200 bit/s: name "
          "another device, or look whether its TX and RX are swapped",
          false);
    }
    if (silences_ == silences_before_reset) put("\r\nAT+RESET");  // it may be in the middle of a line
    return ask(now);
  }
  if (silences_ < silences_max) return ask(now);
  fail_with(phase_ == Phase::up ? "the modem has stopped answering: pull its cable out and put it in again"
                                : "the modem does not say what it is set to: pull its cable out and put it in again",
            true);
}

// Sending.

void Rylr::send(ByteView frame, Instant now) {
  KHUOI_CHECK(free());
  KHUOI_CHECK(!frame.empty() && frame.size() <= rylr_frame_octets_max);
  const std::string text = rylr_text(frame);
  frame_ = "AT+SEND=0," + std::to_string(text.size()) + "," + text;
  airtime_ = rylr_airtime(settings_.modulation, frame.size());
  ++figures_.sent;
  changed_ = true;
  gone_at_.reset();
  busy_since_.reset();
  wait_for_turn(now);
}

void Rylr::wait_for_turn(Instant now) {
  turn_at_ = now + turn_slot(settings_.modulation) * (turn_first + static_cast<std::int64_t>(rng_.below(turns)));
}

void Rylr::hand_over(Instant now) {
  if (answer_by_) {  // one question at a time
    turn_at_ = now + question_first;
    return;
  }
  put(frame_);
  taken_ = false;
  gone_at_ = now + character_on_cable * static_cast<std::int64_t>(frame_.size() + 2) + airtime_;
}

/// It has left, by the modem's word and by the clock: some say +OK at once, others once it has left.
void Rylr::on_sent(Instant now) {
  frame_.clear();
  gone_at_.reset();
  changed_ = true;
  next_question(now);
}

void Rylr::drop_frame(Instant now) {
  ++figures_.lost;
  on_sent(now);
}

void Rylr::on_send_timer(Instant now) {
  if (!gone_at_) {
    if (now >= turn_at_) hand_over(now);
  } else if (taken_ && now >= *gone_at_) {
    on_sent(now);
  } else if (!taken_ && now >= *gone_at_ + sent_patience) {
    fail_with("the modem does not say that it has sent: pull its cable out and put it in again", true);
  }
}

void Rylr::listen(unsigned spreading_factor, Instant now) {
  KHUOI_CHECK(spreading_factor >= 5 && spreading_factor <= 12);
  // While one is being set, the next comes after it.
  changed_ = changed_ || spreading_factor != asked_for_;
  asked_for_ = spreading_factor;
  next_question(now);
}

// Time.

void Rylr::on_timer(Instant now) {
  if (phase_ == Phase::closed || phase_ == Phase::failed) return;
  if (answer_by_ && now >= *answer_by_) on_silence(now);
  if (phase_ == Phase::closed || phase_ == Phase::failed) return;
  if (!frame_.empty()) on_send_timer(now);
  if (phase_ == Phase::finding && !answer_by_ && now >= ask_at_) ask(now);
  next_question(now);
}

std::optional<Instant> Rylr::next_deadline() const {
  if (phase_ == Phase::closed || phase_ == Phase::failed) return std::nullopt;
  Instant out = answer_by_ ? *answer_by_ : frame_.empty() ? ask_at_ : Instant::max();
  if (!frame_.empty()) out = std::min(out, !gone_at_ ? turn_at_ : taken_ ? *gone_at_ : *gone_at_ + sent_patience);
  return out;
}

void Rylr::on_octets(ByteView octets, Instant now) {
  if (reader_.in_line() && now - heard_at_ > line_patience) reader_.forget();
  heard_at_ = now;
  const std::uint64_t dropped = reader_.dropped();
  while (auto said = reader_.take(octets)) {
    if (phase_ != Phase::closed && phase_ != Phase::failed) take(std::move(*said), now);
  }
  if (reader_.dropped() == dropped) return;
  figures_.malformed += reader_.dropped() - dropped;
  changed_ = true;
}

Bytes Rylr::poll_transmit() { return std::exchange(out_, {}); }

std::optional<HeardFrame> Rylr::poll_frame() {
  if (heard_.empty()) return std::nullopt;
  HeardFrame out = std::move(heard_.front());
  heard_.pop_front();
  return out;
}

bool Rylr::poll_changed() { return std::exchange(changed_, false); }

}  // namespace khuoi::radio
