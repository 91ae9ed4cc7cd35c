#include "sim/air/air_modem.h"

#include <algorithm>

#include "sync/base/check.h"

namespace khuoi::sim {

namespace {

constexpr std::size_t link_octets_max = 254;
constexpr Micros answer_pause = std::chrono::milliseconds(10);

}  // namespace

AirModem::AirModem(EventLoop& loop, Air& air, const radio::ModemSettings& settings, std::uint64_t seed)
    : loop_(loop),
      transceiver_(loop, air, seed),
      settings_(settings),
      base_factor_(settings.modulation.spreading_factor),
      asked_for_(base_factor_),
      gone_at_(loop),
      back_at_(loop),
      switched_at_(loop) {
  transceiver_.set_hooks({[this](ByteView packet, const radio::Signal& signal) { take(packet, signal); }, {}});
}

void AirModem::start(Hooks hooks) {
  KHUOI_CHECK(!started_);
  hooks_ = std::move(hooks);
  started_ = true;
  set_up(plugged_, plugged_ ? "" : "the modem is not plugged in");
}

void AirModem::stop() {
  hooks_ = {};
  back_at_.clear();
  set_up(false, "it was stopped");
  started_ = false;
}

radio::Modem::State AirModem::state() const { return {up_, why_}; }

std::size_t AirModem::frame_octets_max() const { return link_octets_max; }

Micros AirModem::airtime(std::size_t octets, unsigned spreading_factor) const {
  radio::Modulation modulation = settings_.modulation;
  modulation.spreading_factor = spreading_factor;
  return radio::time_on_air(modulation, {.preamble_symbols = radio::rnode_preamble_symbols(modulation)}, octets + 1);
}

Micros AirModem::airtime_now(std::size_t octets) const {
  return airtime(octets, settings_.modulation.spreading_factor);
}

void AirModem::send(ByteView frame, const radio::Channel& channel) {
  KHUOI_CHECK(free());
  KHUOI_CHECK(!frame.empty() && frame.size() <= link_octets_max);
  KHUOI_CHECK(channel == (radio::Channel{settings_.frequency_hz, settings_.modulation.spreading_factor}));
  handed_airtime_ = airtime_now(frame.size());
  wait_again();
  KHUOI_CHECK(transceiver_.enqueue(frame));
}

void AirModem::wait_again() {
  handed_at_ = loop_.now();
  const radio::Modulation& modulation = settings_.modulation;
  const Micros wait_max = Transceiver::difs(modulation) +
                          Transceiver::slot(modulation) * static_cast<std::int64_t>(Transceiver::window_slots - 1);
  gone_at_.set(loop_.now() + wait_max + handed_airtime_, [this] { ask_for_room(); });
}

/// While a frame is on the air, the firmware does not answer.
void AirModem::ask_for_room() {
  if (transceiver_.is_sending()) return gone_at_.set(loop_.now() + answer_pause, [this] { ask_for_room(); });
  switch_if_asked();
  changed();
}

// Another spreading factor.

void AirModem::listen(unsigned spreading_factor) {
  KHUOI_CHECK(spreading_factor >= 5 && spreading_factor <= 12);
  asked_for_ = spreading_factor;
  if (up_) switch_if_asked();
}

/// The modem takes the command once it is not sending, and says so. As with a real one, what its driver believes to
/// have left, and which still waits for another's frame to end, goes with the new spreading factor.
void AirModem::switch_if_asked() {
  if (!switching() || gone_at_.when() || switched_at_.when()) return;
  switched_at_.set(loop_.now() + answer_pause, [this] {
    if (!transceiver_.is_sending()) tune();
    switch_if_asked();
    changed();
  });
}

void AirModem::tune() {
  settings_.modulation.spreading_factor = asked_for_;
  transceiver_.start({settings_.frequency_hz, settings_.modulation});
}

void AirModem::take(ByteView packet, const radio::Signal& signal) {
  if (!up_) return;
  if (gone_at_.when()) {
    const Micros heard = airtime_now(std::min(packet.size(), link_octets_max));
    const Micros least = Transceiver::difs(settings_.modulation) + handed_airtime_;
    // Who hears does not send: ours cannot have left before this one began.
    if (handed_at_ + least > loop_.now() - heard) wait_again();
  }
  const auto on_frame = hooks_.on_frame;  // a copy outlives a stop() from within
  if (on_frame && !packet.empty() && packet.size() <= link_octets_max) on_frame(packet, signal);
}

void AirModem::pull() {
  plugged_ = false;
  back_at_.clear();
  set_up(false, "the modem is not plugged in");
}

void AirModem::plug() {
  plugged_ = true;
  if (started_ && !up_) set_up(true, "");
}

void AirModem::reset(Micros down) {
  if (!up_) return;
  set_up(false, "the modem starts anew");
  back_at_.set(loop_.now() + down, [this] { set_up(true, ""); });
}

void AirModem::set_up(bool up, std::string why) {
  gone_at_.clear();
  switched_at_.clear();
  if (up)
    tune();
  else
    transceiver_.reset();
  up_ = up;
  why_ = std::move(why);
  changed();
}

void AirModem::changed() {
  const auto on_change = hooks_.on_change;
  if (on_change) on_change();
}

}  // namespace khuoi::sim
