// What the modem says, as Rnode takes it.
#include <algorithm>
#include <utility>

#include "radio/modem/rnode.h"

namespace khuoi::radio {

namespace {

constexpr Micros poll_pause = std::chrono::milliseconds(250);
constexpr Micros full_patience = std::chrono::seconds(120);
constexpr int rssi_of_zero = -157;
constexpr double snr_steps = 4;

enum : std::uint8_t { error_start = 1, error_send = 2, error_queue = 4, error_memory = 5, error_timeout = 6 };

}  // namespace

void Rnode::on_octets(ByteView octets, Instant now) {
  const std::uint64_t dropped = reader_.dropped();
  while (auto frame = reader_.take(octets)) {
    if (phase_ != Phase::closed && phase_ != Phase::failed) take_frame(std::move(*frame), now);
  }
  if (reader_.dropped() != dropped) {
    figures_.malformed += reader_.dropped() - dropped;
    changed_ = true;
  }
}

void Rnode::malformed() {
  ++figures_.malformed;
  changed_ = true;
}

void Rnode::take_frame(KissFrame&& frame, Instant now) {
  switch (frame.command) {
    case rnode_code::data:
      return take_heard(std::move(frame), now);
    case rnode_code::rssi:
      if (frame.data.size() != 1) return malformed();
      signal_.rssi_dbm = frame.data[0] + rssi_of_zero;
      return;
    case rnode_code::snr:
      if (frame.data.size() != 1) return malformed();
      signal_.snr_db = static_cast<std::int8_t>(frame.data[0]) / snr_steps;
      return;
    case rnode_code::detect:
    case rnode_code::firmware:
    case rnode_code::platform:
    case rnode_code::mcu:
      return take_identity(frame, now);
    case rnode_code::frequency:
    case rnode_code::bandwidth:
    case rnode_code::power:
    case rnode_code::spreading_factor:
    case rnode_code::coding_rate:
    case rnode_code::radio:
    case rnode_code::short_airtime:
    case rnode_code::long_airtime:
      return take_value(frame, now);
    case rnode_code::ready:
      return take_ready(frame, now);
    case rnode_code::error:
      return take_error(frame, now);
    case rnode_code::reset:
      if (frame.data != Bytes{rnode_code::reset_octet}) return malformed();
      if (phase_ == Phase::detecting) return;  // it says so whenever it starts
      return restart(Phase::detecting, "the modem started anew and is set up again", now);
    case rnode_code::channel:
    case rnode_code::physical:
    case rnode_code::battery:
    case rnode_code::csma:
    case rnode_code::temperature:
      if (!take_statistics(frame, figures_)) return malformed();
      changed_ = true;
      return;
    default:
      return;  // of no use here: logs, displays, what newer firmware says
  }
}

void Rnode::take_identity(const KissFrame& frame, Instant now) {
  if (phase_ != Phase::detecting) return;
  const std::size_t expected = frame.command == rnode_code::firmware ? 2 : 1;
  if (frame.command == rnode_code::firmware && frame.data == Bytes{0}) return;  // our question, come back
  if (frame.data.size() != expected) return malformed();
  switch (frame.command) {
    case rnode_code::detect:
      is_rnode_ = is_rnode_ || frame.data[0] == rnode_code::detect_answer;
      break;
    case rnode_code::platform:
      figures_.platform = frame.data[0];
      break;
    case rnode_code::mcu:
      figures_.mcu = frame.data[0];
      break;
    default:
      figures_.firmware_major = frame.data[0];
      figures_.firmware_minor = frame.data[1];
      firmware_known_ = true;
      break;
  }
  advance(now);
}

void Rnode::take_value(const KissFrame& frame, Instant now) {
  if (!take_reading(frame, readings_)) return malformed();
  if (switch_.under_way()) {
    if (frame.command == rnode_code::spreading_factor) take_switched(frame.data[0], now);
    return;
  }
  if (phase_ != Phase::up || asked_) advance(now);
}

void Rnode::take_ready(const KissFrame& frame, Instant now) {
  if (frame.data.size() != 1) return malformed();
  // What was asked before someone else's frame came in is answered for a time that is over.
  if (phase_ != Phase::up || !under_way_ || !polled_at_ || *polled_at_ < gone_at_) return;
  polled_at_.reset();
  polls_missed_ = 0;
  if (frame.data[0] != 0) {
    under_way_ = false;
    changed_ = true;
    switch_if_asked(now);
  } else if (now - full_since_ > full_patience) {
    fail_with("the modem says that its queue is full and does not send: look at its antenna; it is being reset", true);
  } else {
    poll_at_ = now + poll_pause;
  }
}

void Rnode::take_error(const KissFrame& frame, Instant now) {
  if (frame.data.size() != 1) return malformed();
  figures_.last_error = frame.data[0];
  changed_ = true;
  switch (frame.data[0]) {
    case error_start:
      return fail_with(
          "the modem's radio chip does not start: pull its cable out and put it in again; if that does not help, take "
          "another board",
          true);
    case error_send:  // it could not send: is its radio still on?
      ++figures_.lost;
      if (phase_ == Phase::up && !asked_ && !switch_.under_way()) ask(now);
      return;
    case error_queue:
      ++figures_.lost;
      return;
    case error_memory:
    case error_timeout:  // the firmware restarts itself after this one, the other leaves it as it is
      if (phase_ == Phase::detecting) return;
      put(rnode_code::reset, {rnode_code::reset_octet});
      return restart(Phase::detecting,
                     frame.data[0] == error_memory
                         ? "the modem ran out of memory and was reset"
                         : "the modem's radio chip stopped answering, and the modem was reset",
                     now);
    default:
      return;
  }
}

void Rnode::take_heard(KissFrame&& frame, Instant now) {
  if (phase_ != Phase::up) return;
  changed_ = true;
  const std::size_t octets = frame.data.size();
  if (handed_at_ && octets > 0) {
    // Who hears does not send. If ours cannot have left before this one began, it still waits, and waits anew.
    const Micros heard = rnode_airtime(settings_.modulation, std::min(octets, rnode_frame_octets_max));
    if (*handed_at_ + slot() * rnode_difs_slots + airtime_ > now - heard) wait_from(now, Micros(0));
  }
  if (octets == 0 || octets > rnode_frame_octets_max) {
    ++figures_.foreign;
    return;
  }
  ++figures_.received;
  signal_.channel = channel();
  heard_.push_back({std::move(frame.data), signal_});
}

}  // namespace khuoi::radio
