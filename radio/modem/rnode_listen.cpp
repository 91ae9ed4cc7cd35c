// Another spreading factor while the radio is on.
#include <utility>

#include "radio/modem/rnode.h"
#include "sync/base/check.h"

namespace khuoi::radio {

namespace {

constexpr Micros tell_again = std::chrono::seconds(1);
constexpr Micros echo_patience = std::chrono::seconds(3);
constexpr Micros read_back_pause = std::chrono::seconds(2);  // the echo is the first of it

}  // namespace

void Rnode::listen(unsigned spreading_factor, Instant now) {
  KHUOI_CHECK(spreading_factor >= 5 && spreading_factor <= 12);
  changed_ = changed_ || spreading_factor != asked_for_;
  asked_for_ = spreading_factor;
  if (phase_ == Phase::up) switch_if_asked(now);
}

/// A question that is out is over: its answers come before the one to this.
void Rnode::switch_if_asked(Instant now) {
  if (!switching() || under_way_ || switching_to_) return;
  switching_to_ = asked_for_;
  asked_ = false;
  missed_ = 0;
  figures_.physical.reset();  // it tells the new ones before it answers
  tell_factor(now);
  give_up_ = now + echo_patience;
}

void Rnode::tell_factor(Instant now) {
  put(rnode_code::spreading_factor, {static_cast<std::uint8_t>(*switching_to_)});
  ask_at_ = now + tell_again;
}

void Rnode::take_switched(unsigned spreading_factor, Instant now) {
  if (spreading_factor != *switching_to_) return;
  settings_.modulation.spreading_factor = *std::exchange(switching_to_, std::nullopt);
  changed_ = true;
  readings_ = {};
  ask_at_ = now + read_back_pause;
  switch_if_asked(now);
}

void Rnode::on_switch_timer(Instant now) {
  if (now >= give_up_) {
    return restart(Phase::setting, "the modem does not take another spreading factor and is set up again", now);
  }
  if (now >= ask_at_) tell_factor(now);
}

}  // namespace khuoi::radio
