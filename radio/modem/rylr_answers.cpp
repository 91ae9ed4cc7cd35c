// What the modem says, as Rylr takes it.
#include <charconv>
#include <utility>

#include "radio/modem/rylr.h"

namespace khuoi::radio {

namespace {

constexpr Micros busy_pause = std::chrono::milliseconds(100);
constexpr Micros busy_at_most = std::chrono::seconds(60);
constexpr unsigned error_received_late = 11, error_damaged = 12, error_header = 19, error_busy = 17;

}  // namespace

void Rylr::take(RylrSaid&& said, Instant now) {
  if (said.name == "RCV") return take_heard(std::move(said), now);
  if (said.name == "RESET" || said.name == "READY") {
    if (phase_ == Phase::finding) {
      if (said.name != "READY") return;
      answer_by_.reset();
      ask_at_ = now;
      return;
    }
    return restart(Phase::finding, "the modem started anew and is set up again", now);
  }
  if (said.name == "ERR") {
    unsigned number = 0;
    std::from_chars(said.value.data(), said.value.data() + said.value.size(), number);
    return take_error(number, now);
  }
  if (gone_at_ && !answer_by_) {
    if (said.name != "OK") return;
    taken_ = true;
    if (now >= *gone_at_) on_sent(now);
    return;
  }
  if (!answer_by_) return;
  if (phase_ == Phase::finding && said.name == "OK") return begin(Phase::naming, now);
  if (phase_ == Phase::naming && said.name == "VER") return take_version(said.value, now);
  if (step_ == Step::none) return;
  const bool answers = said.name == item(item_).name;
  if (step_ == Step::write && (answers || said.name == "OK")) {
    silences_ = 0;
    step_ = Step::read_back;
    ask(now);
  } else if (answers && step_ != Step::write) {
    take_value(said.value, now);
  }
}

void Rylr::take_version(const std::string& version, Instant now) {
  changed_ = true;
  figures_.version = version;
  if (version.starts_with("RYLR99"))
    model_ = RylrModel::rylr998;
  else if (version.starts_with("RYLR89"))
    model_ = RylrModel::rylr896;
  else
    return fail_with("the modem says that it is a '" + version.substr(0, 40) + "': take an RYLR896 or an RYLR998",
                     false);
  begin(Phase::setting, now);
}

void Rylr::take_value(const std::string& value, Instant now) {
  const Item wanted = item(item_);
  answer_by_.reset();
  busy_since_.reset();
  silences_ = 0;
  if (value == wanted.value) return end_item(now);
  if (step_ == Step::check) return restart(Phase::setting, "the modem had lost its settings and is set up again", now);
  if (step_ == Step::read) return begin_item(item_, Step::write, now);
  fail_with("the modem keeps " + wanted.name + " " + value.substr(0, 40) + " where " + wanted.value +
                " was set: take another board",
            false);
}

void Rylr::take_error(unsigned number, Instant now) {
  changed_ = true;
  if (number == error_damaged || number == error_header || number == error_received_late) {
    ++figures_.damaged;  // of what was on the air: no answer to a command
    return;
  }
  figures_.last_error = number;
  if (!gone_at_ && !answer_by_) return;
  if (number == error_busy) return on_busy(now);
  if (!answer_by_) return drop_frame(now);
  if (phase_ == Phase::finding) return;  // the rest of a line before ours
  const Item wanted = item(item_);
  const std::string what = phase_ == Phase::naming ? "AT+VER?" : wanted.name + " = " + wanted.value;
  fail_with("the modem refuses " + what + " (+ERR=" + std::to_string(number) + ": " + rylr_error(number) +
                "): take another board, or other settings",
            false);
}

void Rylr::on_busy(Instant now) {
  ++figures_.busy;
  if (!busy_since_) busy_since_ = now;
  if (now - *busy_since_ > busy_at_most) {
    return fail_with("the modem says that it is still sending: look at its antenna; it is being reset", true);
  }
  if (answer_by_) {  // asked again then
    answer_by_ = now + busy_pause;
    silences_ = 0;
    return;
  }
  gone_at_.reset();
  wait_for_turn(now);
}

void Rylr::take_heard(RylrSaid&& said, Instant now) {
  if (phase_ != Phase::up) return;
  changed_ = true;
  if (!frame_.empty() && !gone_at_) wait_for_turn(now);  // the air was taken
  auto octets = rylr_octets(said.data);
  if (!octets || octets->empty()) {
    ++figures_.foreign;
    return;
  }
  ++figures_.received;
  said.signal.channel = channel();
  heard_.push_back({std::move(*octets), said.signal});
}

}  // namespace khuoi::radio
