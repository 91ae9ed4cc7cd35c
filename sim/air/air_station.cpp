#include "sim/air/air_station.h"

#include <algorithm>
#include <utility>

#include "sync/base/check.h"

namespace khuoi::sim {

AirStation::AirStation(EventLoop& loop, Air& air, const Config& config, std::uint64_t modem_seed)
    : loop_(loop),
      config_(config),
      rnode_(config.concentrator ? nullptr : std::make_unique<AirModem>(loop, air, config.modem, modem_seed)),
      concentrator_(config.concentrator ? std::make_unique<AirConcentrator>(loop, air, config.modem, modem_seed)
                                        : nullptr),
      modem_(rnode_ ? static_cast<radio::Modem&>(*rnode_) : *concentrator_),
      boots_(loop),
      wakes_(loop),
      work_ends_(loop) {}

void AirStation::pull() {
  if (rnode_) return rnode_->pull();
  boots_.clear();
  concentrator_->device().power_off();
}

void AirStation::plug() { rnode_ ? rnode_->plug() : concentrator_->device().boot(); }

void AirStation::reset(Micros down) {
  if (rnode_) return rnode_->reset(down);
  concentrator_->device().power_off();
  boots_.set(loop_.now() + down, [this] { concentrator_->device().boot(); });
}

void AirStation::start(Life life) {
  KHUOI_CHECK(!on());
  ledger_.emplace(config_.limits, life.boot);
  if (!written_.empty()) {
    auto loaded = radio::DutyLedger::load(config_.limits, life.boot, written_, loop_.now());
    KHUOI_CHECK(loaded);
    ledger_.emplace(std::move(*loaded));
  }
  rng_.emplace(life.seed);
  work_ = std::move(life.work);
  const auto airtime = [this](std::size_t octets) { return modem_.airtime(octets, modem_.base().spreading_factor); };
  const radio::Modulation& modulation = config_.modem.modulation;
  const auto gap_at = [modulation](unsigned factor) {
    radio::Modulation of = modulation;
    of.spreading_factor = factor;
    return Transceiver::difs(of) + Transceiver::slot(of) * static_cast<std::int64_t>(Transceiver::window_slots - 1);
  };
  radio::Timing timing{airtime, gap_at(modulation.spreading_factor),
                       radio::best_frame_octets(airtime, std::min(radio::frame_handed_max, modem_.frame_octets_max())),
                       [this](std::size_t octets, unsigned factor) { return modem_.airtime(octets, factor); }, gap_at};
  station_ = std::make_unique<radio::Station>(
      radio::Station::Config{config_.commune, std::move(timing), modem_.base(), modem_.hears_all()}, life.keys, *rng_,
      *ledger_);
  listening_ = modem_.base().spreading_factor;
  modem_.listen(listening_);
  station_->set_peers(loop_.now(), life.peers);
  modem_.start({[this](ByteView frame, const radio::Signal& signal) {
                  if (!on()) return;
                  station_->on_frame(loop_.now(), frame, signal);
                  pump();
                },
                [this] { pump(); }});
}

void AirStation::power_off() {
  ++lives_;
  wakes_.clear();
  work_ends_.clear();
  station_.reset();
  work_ = {};
  modem_.stop();
}

void AirStation::on_local_change() {
  if (!on()) return;
  station_->on_local_change();
  pump();
}

void AirStation::set_peers(const std::vector<RadioAlias>& aliases) {
  station_->set_peers(loop_.now(), aliases);
  pump();
}

void AirStation::pump() {
  if (!on()) return;
  begin_work();
  send();
  wakes_.clear();
  const auto wakes = station_->wake(loop_.now());
  if (!wakes || !modem_.state().up) return;
  // A deadline that is over waits for the modem or for the work, and these call again by themselves.
  wakes_.set(std::max<Instant>(*wakes, loop_.now() + std::chrono::milliseconds(1)), [this] { pump(); });
}

void AirStation::begin_work() {
  if (work_ends_.when() || !modem_.state().up) return;
  RadioWork work = station_->take_work(loop_.now());
  if (work.empty()) return;
  const Micros takes = work.arrived.empty() ? config_.read_takes : config_.commit_takes;
  work_ends_.set(loop_.now() + takes, [this, work = std::move(work)] { end_work(work); });
}

void AirStation::end_work(const RadioWork& work) {
  const Work does = work_;  // a copy outlives a power_off() from within
  const std::uint64_t life = lives_;
  auto done = does(work);
  if (life != lives_) return;
  if (done)
    station_->done(loop_.now(), std::move(*done));
  else
    station_->failed(loop_.now());
  pump();
}

void AirStation::send() {
  while (modem_.free()) {
    ledger_->ended(loop_.now());
    station_->tick(loop_.now());
    if (const unsigned wanted = station_->listens_at(loop_.now()); std::exchange(listening_, wanted) != wanted) {
      modem_.listen(wanted);
      continue;
    }
    const auto frame = station_->next(loop_.now());
    if (!frame) return;
    // Written before the modem has it: what stops now finds no less in the ledger than goes on the air.
    if (ledger_->unsaved()) {
      written_ = ledger_->encode();
      ledger_->saved();
    }
    modem_.send(*frame, station_->channel());
  }
}

}  // namespace khuoi::sim
