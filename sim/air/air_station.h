#pragma once

#include "radio/station.h"
#include "sim/air/air_concentrator.h"
#include "sim/air/air_modem.h"

namespace khuoi::sim {

/// A node on the emulated air: a station with its modem and its duty ledger, driven by the rule of radio/station.h as
/// the program drives them. What knows records is a function, so that replicas or a toy may stand behind it. Threads:
/// one.
class AirStation final {
 public:
  /// What is asked for, done in one commit. An error: nothing of it was committed. It may power the node off.
  using Work = std::function<Result<RadioWorkDone>(const RadioWork&)>;
  struct Config {
    bool commune = false;
    radio::ModemSettings modem;
    radio::DutyLedger::Limits limits;
    Micros commit_takes = std::chrono::milliseconds(20);  ///< of what arrived
    Micros read_takes = std::chrono::milliseconds(1);     ///< of a work in which nothing arrived
    bool concentrator = false;                            ///< in place of an RNode
  };
  struct Life {
    FrameKeys& keys;  ///< borrowed until power_off()
    Work work;
    std::vector<RadioAlias> peers;
    std::uint64_t seed = 0;  ///< of what it draws; each start has one of its own
    radio::BootId boot{};
  };

  /// Borrows both for its life, and stays in the air as long.
  AirStation(EventLoop& loop, Air& air, const Config& config, std::uint64_t modem_seed);
  AirStation(const AirStation&) = delete;
  AirStation& operator=(const AirStation&) = delete;

  /// The program begins, with the ledger that was written last. It was off.
  void start(Life life);
  /// At any moment: a work that is not committed yet never is, and a frame is cut off.
  void power_off();
  /// Records were written here.
  void on_local_change();
  /// As Station::set_peers(); while on().
  void set_peers(const std::vector<RadioAlias>& aliases);

  [[nodiscard]] bool on() const { return station_ != nullptr; }
  /// While on().
  [[nodiscard]] radio::Station::Figures figures() const { return station_->figures(); }
  /// On the air within the last hour, as the ledger has it; while on().
  [[nodiscard]] Micros used() const { return ledger_->used(loop_.now()); }
  [[nodiscard]] ModemNumber number() const { return concentrator_ ? concentrator_->number() : rnode_->number(); }
  // What may happen to its modem.
  /// Pulled out of its port, or without power, until plug(): it loses what it had queued.
  void pull();
  void plug();
  /// It starts anew by itself.
  void reset(Micros down);
  /// The ledger as it is on the disk; empty: it was never written, or is lost.
  Bytes& ledger_file() { return written_; }

 private:
  void pump();
  void begin_work();
  void end_work(const RadioWork& work);
  void send();

  EventLoop& loop_;
  Config config_;
  std::unique_ptr<AirModem> rnode_;
  std::unique_ptr<AirConcentrator> concentrator_;
  radio::Modem& modem_;  ///< one of the two
  Alarm boots_;
  Bytes written_;  ///< see ledger_file()
  std::uint64_t lives_ = 0;
  std::optional<radio::DutyLedger> ledger_;
  std::optional<SeededRng> rng_;
  Work work_;
  std::unique_ptr<radio::Station> station_;  ///< borrows ledger_ and rng_
  unsigned listening_ = 0;                   ///< the spreading factor that the modem was told last
  Alarm wakes_, work_ends_;
};

}  // namespace khuoi::sim
