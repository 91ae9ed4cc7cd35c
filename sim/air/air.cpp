#include "sim/air/air.h"

#include <algorithm>

#include "sync/base/check.h"

namespace khuoi::sim {

namespace {

/// A frame this much stronger than another one survives it. Source: Semtech AN1200.22, co-channel rejection.
constexpr int capture_db = 6;
/// So many symbols of a preamble are needed to find a frame, and to hear that there is one.
constexpr unsigned detection_symbols = 5;

/// A tenth of a dB; below it no frame is decoded. Source: SX1276 data sheet rev. 7, table 13.
int snr_least_tenths(unsigned spreading_factor) { return -50 - 25 * (static_cast<int>(spreading_factor) - 6); }

}  // namespace

bool hear_each_other(const Tuning& a, const Tuning& b) {
  const std::int64_t apart = std::int64_t{a.frequency_hz} - std::int64_t{b.frequency_hz};
  return a.modulation.bandwidth_hz == b.modulation.bandwidth_hz &&
         a.modulation.spreading_factor == b.modulation.spreading_factor &&
         4 * std::abs(apart) <= std::int64_t{a.modulation.bandwidth_hz};
}

ModemNumber Air::add(Ear& ear) {
  modems_.emplace_back();
  modems_.back().ear = &ear;
  return modems_.size() - 1;
}

void Air::tune(ModemNumber modem, const std::optional<Tuning>& tuning) {
  tune(modem, tuning ? std::vector{*tuning} : std::vector<Tuning>());
}

void Air::tune(ModemNumber modem, std::vector<Tuning> tunings) {
  stop_sending(modem);
  modems_[modem].tunings = std::move(tunings);
  modems_[modem].tuned_at = loop_.now();
}

void Air::set_snr(ModemNumber a, ModemNumber b, int snr_db) { way(a, b).snr_db = way(b, a).snr_db = snr_db; }

void Air::set_losses(const Losses& losses) {
  KHUOI_CHECK(losses.per_mille <= 1000);
  KHUOI_CHECK(losses.burst_frames.value_or(1) >= 1);
  losses_ = losses;
  for (auto& [pair, each] : ways_) each.drawn = false;
}

const Air::Way& Air::way(ModemNumber from, ModemNumber to) const {
  static const Way usual;
  const auto at = ways_.find({from, to});
  return at == ways_.end() ? usual : at->second;
}

// On the air.

void Air::send(ModemNumber modem, Bytes octets, unsigned preamble_symbols) {
  KHUOI_CHECK(!modems_[modem].tunings.empty());
  send(modem, std::move(octets), preamble_symbols, modems_[modem].tunings.front());
}

void Air::send(ModemNumber modem, Bytes octets, unsigned preamble_symbols, const Tuning& tuning) {
  Modem& sender = modems_[modem];
  KHUOI_CHECK(!sender.tunings.empty());
  KHUOI_CHECK(sender.sending == nullptr);
  KHUOI_CHECK(octets.size() <= radio::frame_octets_max);
  const radio::Modulation& modulation = tuning.modulation;
  const Micros airtime = radio::time_on_air(modulation, {.preamble_symbols = preamble_symbols}, octets.size());
  const Micros detection = radio::symbol_time(modulation) * detection_symbols;
  const Micros preamble = radio::symbol_time(modulation) * preamble_symbols;
  flights_.push_back(std::make_unique<Flight>());
  Flight& flight = *flights_.back();
  flight.frame = {++last_number_,       modem, tuning, preamble_symbols, std::move(octets), loop_.now(),
                  loop_.now() + airtime};
  flight.locked_from = loop_.now() + std::max(Micros(0), preamble - detection);
  flight.audible_at = loop_.after(detection, [this, &flight] {
    flight.audible = true;
    tell_carrier(flight.frame);
  });
  flight.end_at = loop_.at(flight.frame.end, [this, &flight] { end(flight); });
  sender.sending = &flight;
  sender.log.add(flight.frame.start, flight.frame.end);
  ++sender.figures.frames;
  last_end_ = std::max(last_end_.value_or(flight.frame.end), flight.frame.end);
}

void Air::stop_sending(ModemNumber modem) {
  Flight* flight = modems_[modem].sending;
  if (flight == nullptr) return;
  loop_.cancel(flight->audible_at);
  loop_.cancel(flight->end_at);
  flight->frame.cut = true;
  flight->frame.end = loop_.now();
  modems_[modem].log.cut(loop_.now());
  // Others are told from the loop.
  loop_.at(loop_.now(), [this, flight] { end(*flight); });
  modems_[modem].sending = nullptr;
}

void Air::end(Flight& flight) {
  const AirFrame& frame = flight.frame;
  std::vector<Fate> fates;
  for (ModemNumber receiver = 0; receiver < modems_.size(); ++receiver) {
    fates.push_back(receiver == frame.sender ? Fate::away : fate(flight, receiver));
    Figures& figures = modems_[receiver].figures;
    figures.received += fates.back() == Fate::received;
    figures.lost += fates.back() == Fate::lost;
    figures.collided += fates.back() == Fate::collided;
    figures.deaf += fates.back() == Fate::deaf;
  }
  if (modems_[frame.sender].sending == &flight) modems_[frame.sender].sending = nullptr;
  flight.audible = false;
  if (hook_) hook_(frame, fates);
  tell_carrier(frame);
  if (!frame.cut) modems_[frame.sender].ear->sent();
  for (ModemNumber receiver = 0; receiver < fates.size(); ++receiver) {
    if (fates[receiver] != Fate::received) continue;
    const int snr_db = way(frame.sender, receiver).snr_db;
    modems_[receiver].ear->heard(frame.octets, {static_cast<double>(Air::noise_dbm + snr_db),
                                                static_cast<double>(snr_db),
                                                {frame.tuning.frequency_hz, frame.tuning.modulation.spreading_factor}});
  }
  forget_old();
}

void Air::tell_carrier(const AirFrame& frame) {
  for (ModemNumber receiver = 0; receiver < modems_.size(); ++receiver) {
    if (receiver != frame.sender && reaches(frame, receiver)) modems_[receiver].ear->carrier_changed();
  }
}

bool Air::hears_carrier(ModemNumber modem) const {
  return std::any_of(flights_.begin(), flights_.end(), [&](const std::unique_ptr<Flight>& flight) {
    return flight->audible && flight->frame.sender != modem && reaches(flight->frame, modem);
  });
}

/// Frames that are over stay for as long as one is on the air that began before their end.
void Air::forget_old() {
  Instant oldest = Instant::max();
  for (const auto& flight : flights_) {
    const bool on_air = modems_[flight->frame.sender].sending == flight.get();
    if (on_air || (flight->frame.cut && flight->frame.end == loop_.now())) {
      oldest = std::min(oldest, flight->frame.start);
    }
  }
  std::erase_if(flights_, [&](const std::unique_ptr<Flight>& flight) {
    return modems_[flight->frame.sender].sending != flight.get() && flight->frame.end <= oldest &&
           !(flight->frame.cut && flight->frame.end == loop_.now());
  });
}

// At a receiver.

bool Air::reaches(const AirFrame& frame, ModemNumber to) const {
  const Way& between = way(frame.sender, to);
  const std::vector<Tuning>& tunings = modems_[to].tunings;
  const bool heard = std::any_of(tunings.begin(), tunings.end(),
                                 [&](const Tuning& each) { return hear_each_other(each, frame.tuning); });
  return between.reaches && heard && 10 * between.snr_db >= snr_least_tenths(frame.tuning.modulation.spreading_factor);
}

Fate Air::fate(const Flight& flight, ModemNumber receiver) {
  const AirFrame& frame = flight.frame;
  if (!reaches(frame, receiver)) return Fate::away;
  if (frame.cut) return Fate::cut;
  if (was_sending(receiver, flight.locked_from, frame.end)) return Fate::deaf;
  if (modems_[receiver].tuned_at > flight.locked_from) return Fate::away;
  if (collides(flight, receiver)) return Fate::collided;
  return is_lost(frame, receiver) ? Fate::lost : Fate::received;
}

bool Air::collides(const Flight& flight, ModemNumber receiver) const {
  const int snr_db = way(flight.frame.sender, receiver).snr_db;
  for (const auto& other : flights_) {
    const AirFrame& frame = other->frame;
    // What lies beside it, or over the part of its preamble that nobody needs, does no harm.
    if (other.get() == &flight || frame.end <= flight.locked_from || frame.start >= flight.frame.end) continue;
    if (!reaches(frame, receiver) || !hear_each_other(frame.tuning, flight.frame.tuning)) continue;
    if (snr_db - way(frame.sender, receiver).snr_db < capture_db) return true;
    // A receiver that has found the weaker one stays with it to its end.
    const bool found_before = other->locked_from <= flight.frame.start;
    if (found_before && !was_sending(receiver, other->locked_from, flight.frame.start) &&
        modems_[receiver].tuned_at <= other->locked_from) {
      return true;
    }
  }
  return false;
}

bool Air::was_sending(ModemNumber modem, Instant from, Instant to) const {
  return std::any_of(flights_.begin(), flights_.end(), [&](const std::unique_ptr<Flight>& flight) {
    return flight->frame.sender == modem && flight->frame.start < to && flight->frame.end > from;
  });
}

bool Air::is_lost(const AirFrame& frame, ModemNumber receiver) {
  if (losses_.per_mille == 0) return false;
  SeededRng chance(seed_ ^ (frame.number * 0x9e3779b97f4a7c15) ^ ((receiver + 1) * 0xc2b2ae3d27d4eb4f));
  if (!losses_.burst_frames || losses_.per_mille == 1000) return chance.below(1000) < losses_.per_mille;
  Way& between = way(frame.sender, receiver);
  const std::uint64_t burst = *losses_.burst_frames;
  const std::uint64_t bad = losses_.per_mille;
  if (!between.drawn) {
    between.drawn = true;
    between.bad = chance.below(1000) < bad;
  } else if (between.bad) {
    between.bad = chance.below(burst) != 0;
  } else {
    // It turns bad as often as it turns good: (1000 - bad) · p = bad / burst.
    between.bad = chance.below((1000 - bad) * burst) < bad;
  }
  return between.bad;
}

Air::Figures Air::figures(ModemNumber modem) const {
  Figures out = modems_[modem].figures;
  out.airtime = modems_[modem].log.total();
  out.worst_hour = modems_[modem].log.worst(std::chrono::hours(1));
  return out;
}

Micros Air::airtime_within(ModemNumber modem, Micros last) const {
  const AirtimeLog& log = modems_[modem].log;
  return log.before(loop_.now()) - log.before(loop_.now() - last);
}

Air::Figures Air::total() const {
  Figures out;
  for (ModemNumber modem = 0; modem < modems_.size(); ++modem) {
    const Figures one = figures(modem);
    out.frames += one.frames;
    out.airtime += one.airtime;
    out.worst_hour = std::max(out.worst_hour, one.worst_hour);
    out.received += one.received;
    out.lost += one.lost;
    out.collided += one.collided;
    out.deaf += one.deaf;
  }
  return out;
}

}  // namespace khuoi::sim
