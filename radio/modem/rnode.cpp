#include "radio/modem/rnode.h"

#include <algorithm>
#include <utility>

#include "sync/base/check.h"

namespace khuoi::radio {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Micros boot_pause = milliseconds(500);  // a board that opening does not restart answers then
constexpr Micros ask_again = seconds(1);
constexpr Micros detect_patience = seconds(10);  // an ESP32 with a display boots in about 3 s
constexpr Micros answer_patience = seconds(5);
constexpr Micros heartbeat_pause = seconds(5);
constexpr Micros heartbeat_patience = seconds(3);
constexpr Micros read_back_pause = seconds(2);  // after an echo
constexpr unsigned missed_max = 2;
constexpr Micros poll_patience = seconds(2);
constexpr unsigned polls_missed_max = 5;
constexpr std::size_t restarts_max = 3;
constexpr Micros restarts_within = seconds(60);
constexpr Micros octet_on_cable{87};  // ten bits at 115,200 a second

// The firmware's CSMA: DIFS of two slots, then a random wait of up to 14 slots; more of them on a busy channel.
constexpr unsigned slots_below = 15;
constexpr unsigned slots_below_max = 60;
constexpr unsigned slot_ms_max = 500;

constexpr unsigned firmware_major_least = 1, firmware_minor_least = 52;

constexpr const char* flash_it = "flash it with RNode firmware 1.52 or newer (rnodeconf --autoinstall)";

Micros slot_of(const Modulation& modulation) {
  return std::clamp<Micros>(symbol_time(modulation) * 12, milliseconds(24), milliseconds(100));
}

Micros wait_of(Micros slot, unsigned below) { return slot * (rnode_difs_slots + below - 1); }

}  // namespace

Micros rnode_wait_max(const Modulation& modulation) { return wait_of(slot_of(modulation), slots_below); }

Micros rnode_airtime(const Modulation& modulation, std::size_t octets) {
  KHUOI_CHECK(octets <= rnode_frame_octets_max);
  return time_on_air(modulation, {.preamble_symbols = rnode_preamble_symbols(modulation)}, octets + 1);
}

Micros Rnode::airtime(std::size_t octets, unsigned spreading_factor) const {
  Modulation modulation = config_.settings.modulation;
  modulation.spreading_factor = spreading_factor;
  return rnode_airtime(modulation, octets);
}

void Rnode::put(std::uint8_t command, std::initializer_list<std::uint8_t> data) {
  append_kiss(out_, command, ByteView(data.begin(), data.size()));
}

void Rnode::put_u32(std::uint8_t command, std::uint32_t value) {
  Bytes data;
  Writer(data).u32(value);
  append_kiss(out_, command, data);
}

void Rnode::put_u16(std::uint8_t command, unsigned value) {
  Bytes data;
  Writer(data).u16(static_cast<std::uint16_t>(value));
  append_kiss(out_, command, data);
}

void Rnode::ask_identity() {
  put(rnode_code::detect, {rnode_code::detect_ask});
  put(rnode_code::firmware, {0});
  put(rnode_code::platform, {0});
  put(rnode_code::mcu, {0});
}

void Rnode::ask_settings() {
  const ModemSettings& wanted = settings_;
  // The radio is off meanwhile: a firmware that starts with stored settings takes new ones when the radio is turned on.
  put(rnode_code::radio, {0});
  put(rnode_code::promiscuous, {0});
  put_u32(rnode_code::frequency, wanted.frequency_hz);
  put_u32(rnode_code::bandwidth, wanted.modulation.bandwidth_hz);
  put(rnode_code::power, {static_cast<std::uint8_t>(wanted.power_dbm)});
  put(rnode_code::spreading_factor, {static_cast<std::uint8_t>(wanted.modulation.spreading_factor)});
  put(rnode_code::coding_rate, {static_cast<std::uint8_t>(wanted.modulation.coding_rate)});
  // Also where there is none: a limit that another program left would hold frames back.
  put_u16(rnode_code::short_airtime, config_.short_airtime_ppm / 100);
  put_u16(rnode_code::long_airtime, config_.long_airtime_ppm / 100);
}

void Rnode::ask_readings() {
  put_u32(rnode_code::frequency, 0);
  put_u32(rnode_code::bandwidth, 0);
  for (const std::uint8_t code :
       {rnode_code::power, rnode_code::spreading_factor, rnode_code::coding_rate, rnode_code::radio}) {
    put(code, {rnode_code::ask});
  }
}

void Rnode::send(ByteView frame, Instant now) {
  KHUOI_CHECK(free());
  KHUOI_CHECK(!frame.empty() && frame.size() <= rnode_frame_octets_max);
  append_kiss(out_, rnode_code::data, frame);
  ++figures_.sent;
  airtime_ = rnode_airtime(settings_.modulation, frame.size());
  gone_at_ = {};
  wait_from(now, octet_on_cable * static_cast<std::int64_t>(2 * frame.size() + 3));
}

/// The last frame begins to wait for the air now, or so much later at the most.
void Rnode::wait_from(Instant now, Micros later) {
  under_way_ = changed_ = true;
  handed_at_ = now;
  gone_at_ = std::max(gone_at_, now + later + wait_max() + airtime_);
  poll_at_ = full_since_ = gone_at_;
  polled_at_.reset();
  polls_missed_ = 0;
  // While a frame is on the air, the firmware answers nothing.
  if (asked_) give_up_ = std::max(give_up_, gone_at_ + heartbeat_patience);
}

void Rnode::leave() {
  if (phase_ == Phase::closed) return;
  put(rnode_code::radio, {0});
  put(rnode_code::leave, {rnode_code::leave_octet});
}

void Rnode::forget_frame() {
  under_way_ = false;
  handed_at_.reset();
}

Micros Rnode::slot() const {
  const Micros by_rule = slot_of(settings_.modulation);
  if (!figures_.physical) return by_rule;
  return std::max<Micros>(by_rule, milliseconds(std::min(figures_.physical->slot_ms, slot_ms_max)));
}

Micros Rnode::wait_max() const {
  unsigned below = slots_below;
  if (figures_.csma) below = std::clamp(figures_.csma->below, slots_below, slots_below_max);
  return wait_of(slot(), below);
}

// The phases.

void Rnode::opened(Instant now) {
  reader_ = {};
  out_.clear();
  restarts_.clear();
  figures_.channel.reset();  // it may be another board
  figures_.physical.reset();
  figures_.battery.reset();
  figures_.csma.reset();
  figures_.temperature_c.reset();
  if (auto can = check_rnode_can(settings_); !can) return fail_with(can.error().what, false);
  begin(Phase::detecting, now);
}

void Rnode::closed() {
  phase_ = Phase::closed;
  forget_frame();
  changed_ = true;
  out_.clear();
}

void Rnode::begin(Phase phase, Instant now) {
  phase_ = phase;
  changed_ = true;
  readings_ = {};
  switch_.drop();
  asked_ = false;
  missed_ = 0;
  switch (phase) {
    case Phase::detecting:
      is_rnode_ = firmware_known_ = false;
      figures_.platform = figures_.mcu = 0;
      forget_frame();
      ask_at_ = now + boot_pause;
      give_up_ = now + detect_patience;
      break;
    case Phase::up:
      why_.clear();
      ask_at_ = now + heartbeat_pause;
      switch_if_asked(now);
      break;
    default:
      if (phase == Phase::setting) settings_.modulation.spreading_factor = asked_for_;
      ask_at_ = now;
      give_up_ = now + answer_patience;
      ask(now);
      break;
  }
}

/// Puts the question of the phase.
void Rnode::ask(Instant now) {
  ask_at_ = now + ask_again;
  switch (phase_) {
    case Phase::detecting:
      return ask_identity();
    case Phase::setting:
      return ask_settings();
    case Phase::starting:
      return put(rnode_code::radio, {1});
    case Phase::checking:
      return ask_readings();
    case Phase::up:
      asked_ = true;
      readings_ = {};
      give_up_ = std::max(now, under_way_ ? gone_at_ : now) + heartbeat_patience;
      return ask_readings();
    default:
      return;
  }
}

void Rnode::restart(Phase phase, std::string why, Instant now) {
  ++figures_.resets;
  restarts_.push_back(now);
  while (restarts_.front() + restarts_within < now) restarts_.pop_front();
  if (restarts_.size() > restarts_max) {
    return fail_with("the modem starts anew again and again: look at its cable and its power supply", false);
  }
  why_ = std::move(why);
  forget_frame();  // its queue is empty
  begin(phase, now);
}

void Rnode::fail_with(std::string why, bool reset) {
  phase_ = Phase::failed;
  why_ = std::move(why);
  forget_frame();
  changed_ = true;
  if (reset) put(rnode_code::reset, {rnode_code::reset_octet});
}

/// What the phase waits for, as its time is over.
std::string Rnode::unanswered() const {
  switch (phase_) {
    case Phase::detecting:
      if (!is_rnode_)
        return std::string("what is on the cable does not answer as an RNode: name another device, or ") + flash_it;
      return std::string("the modem does not say which firmware and processor it has: ") + flash_it;
    case Phase::starting:
      return "the modem does not turn its radio on: look whether its antenna and radio module are in place, and set "
             "the "
             "board up with rnodeconf --autoinstall";
    default:
      return "the modem does not say what it is set to: pull its cable out and put it in again";
  }
}

void Rnode::advance_identity(Instant now) {
  if (!is_rnode_ || !firmware_known_ || figures_.platform == 0 || figures_.mcu == 0) return;
  if (std::pair(figures_.firmware_major, figures_.firmware_minor) <
      std::pair(firmware_major_least, firmware_minor_least)) {
    return fail_with("the modem's firmware " + std::to_string(figures_.firmware_major) + "." +
                         std::to_string(figures_.firmware_minor) + " is too old: " + flash_it,
                     false);
  }
  begin(Phase::setting, now);
}

/// The readings are complete: do they agree with what was set?
void Rnode::check_readings(Instant now) {
  const std::string wrong = difference(settings_, readings_);
  asked_ = false;
  if (phase_ == Phase::up) {
    if (!wrong.empty() || !*readings_.radio_on)
      return restart(Phase::setting, "the modem had lost its settings and is set up again", now);
    missed_ = 0;
    ask_at_ = now + heartbeat_pause;
  } else if (!wrong.empty()) {
    fail_with(wrong, false);
  } else if (phase_ == Phase::setting) {
    begin(Phase::starting, now);
  } else if (*readings_.radio_on) {
    begin(Phase::up, now);
  }
}

void Rnode::advance(Instant now) {
  switch (phase_) {
    case Phase::detecting:
      return advance_identity(now);
    case Phase::starting:
      if (readings_.radio_on.value_or(false)) begin(Phase::checking, now);
      return;
    case Phase::setting: {
      const auto agrees = [](unsigned ppm, std::optional<unsigned> is) {
        return ppm < 100 || (is && *is <= ppm / 100 && *is + 1 >= ppm / 100);  // the firmware rounds down
      };
      if (readings_.complete() && agrees(config_.short_airtime_ppm, readings_.short_airtime) &&
          agrees(config_.long_airtime_ppm, readings_.long_airtime)) {
        check_readings(now);
      }
      return;
    }
    case Phase::checking:
    case Phase::up:
      if (readings_.complete()) check_readings(now);
      return;
    default:
      return;
  }
}

// Time.

void Rnode::on_flow_timer(Instant now) {
  if (now < poll_at_) return;
  if (polled_at_ && ++polls_missed_ >= polls_missed_max) {
    return fail_with(
        "the modem does not say whether it can send again: pull its cable out and put it in again; if that does "
        "not help, flash newer firmware",
        true);
  }
  put(rnode_code::ready, {0});
  polled_at_ = now;
  poll_at_ = now + poll_patience;
}

void Rnode::listen(unsigned spreading_factor, Instant now) {
  KHUOI_CHECK(spreading_factor >= 5 && spreading_factor <= 12);
  changed_ = changed_ || spreading_factor != asked_for_;
  asked_for_ = spreading_factor;
  if (phase_ == Phase::up) switch_if_asked(now);
}

/// A question that is out is over: its answers come before the one to this.
void Rnode::switch_if_asked(Instant now) {
  if (!switching() || under_way_ || switch_.under_way()) return;
  switch_.begin(asked_for_, now);
  asked_ = false;
  missed_ = 0;
  figures_.physical.reset();  // it tells the new ones before it answers
  tell_factor(now);
}

void Rnode::tell_factor(Instant now) {
  if (const auto factor = switch_.tell(now)) put(rnode_code::spreading_factor, {static_cast<std::uint8_t>(*factor)});
}

void Rnode::take_switched(unsigned spreading_factor, Instant now) {
  if (!switch_.took(spreading_factor)) return;
  settings_.modulation.spreading_factor = spreading_factor;
  changed_ = true;
  readings_ = {};
  ask_at_ = now + read_back_pause;
  switch_if_asked(now);
}

void Rnode::on_timer(Instant now) {
  if (phase_ == Phase::closed || phase_ == Phase::failed) return;
  if (phase_ != Phase::up) {
    if (now >= give_up_) return fail_with(unanswered(), phase_ != Phase::detecting);
    if (now >= ask_at_) ask(now);
    return;
  }
  if (switch_.in_vain(now))
    return restart(Phase::setting, "the modem does not take another spreading factor and is set up again", now);
  if (switch_.under_way()) return tell_factor(now);
  if (asked_ && now >= give_up_) {
    asked_ = false;
    ask_at_ = now;
    if (++missed_ >= missed_max) {
      return fail_with("the modem has stopped answering: pull its cable out and put it in again", true);
    }
  }
  if (!asked_ && now >= ask_at_) ask(now);
  if (under_way_) on_flow_timer(now);
}

std::optional<Instant> Rnode::next_deadline() const {
  if (phase_ == Phase::closed || phase_ == Phase::failed) return std::nullopt;
  if (phase_ != Phase::up) return std::min(ask_at_, give_up_);
  if (switch_.under_way()) return switch_.deadline();
  const Instant answer = asked_ ? give_up_ : ask_at_;
  return under_way_ ? std::min(answer, poll_at_) : answer;
}

Bytes Rnode::poll_transmit() { return std::exchange(out_, {}); }

std::optional<HeardFrame> Rnode::poll_frame() {
  if (heard_.empty()) return std::nullopt;
  HeardFrame out = std::move(heard_.front());
  heard_.pop_front();
  return out;
}

bool Rnode::poll_changed() { return std::exchange(changed_, false); }

}  // namespace khuoi::radio
