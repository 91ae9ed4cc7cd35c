#pragma once

#include "sim/air/air_station.h"
#include "sync/contact/radio/radio_contact.h"
#include "sync/contact/radio/radio_keys.h"
#include "tests/bench/radio/inputs.h"
#include "tests/bench/radio/watch.h"

namespace khuoi::bench {

using namespace std::chrono_literals;

inline constexpr radio::Modulation sf7{125'000, 7, 5}, sf9{125'000, 9, 5};
/// 1 % and 10 % of an hour, a fifth of it for what is urgent.
inline constexpr radio::DutyLedger::Limits hamlet_hour{36s, 7200ms}, commune_hour{360s, 72s};

inline double seconds_of(Micros time) { return static_cast<double>(time.count()) / 1e6; }
/// Of an RNode's frame.
Micros airtime_of(const radio::Modulation& modulation, std::size_t octets);
/// Records with their tags and no other octet, in full frames, sent by who knows all.
double bound_seconds(const radio::Modulation& modulation, std::size_t octets, unsigned lost_per_mille);

/// What the channel counted between two moments.
struct Tally {
  struct Frames {
    std::uint64_t frames = 0;
    Micros airtime{};
  };
  Frames all, hamlets, commune;
  std::map<radio::FrameType, Frames> types;
  std::map<sim::ModemNumber, Frames> senders;
  std::uint64_t lost = 0, collided = 0, deaf = 0;
  std::vector<sim::AirFrame> kept;
};

/// A commune and hamlets with real records, real frames and real ledgers on one channel, in virtual time. Box 0 is the
/// commune. What is measured is counted by the channel, what is checked is seen by the watch and on the disks.
class World {
 public:
  /// Bugs that the checks have to find. Each stands in the place of a part that the program would bring along.
  struct Planted {
    bool ledger_off = false;            ///< the hour has no limit
    bool ledger_lost = false;           ///< a restart finds no ledger on the disk
    bool ack_before_commit = false;     ///< the commune says that it committed, and does not
    bool report_before_commit = false;  ///< hamlets say that they have what went to all, and did not commit it
    bool ack_forgotten = false;         ///< a hamlet does not note what was acknowledged
    bool counter_reset = false;         ///< a start draws the tokens of the one before, and counts from zero
  };
  struct Setup {
    std::size_t hamlets = 1;
    std::uint64_t seed = 0;
    radio::Modulation modulation = sf7;
    radio::DutyLedger::Limits hour = hamlet_hour;  ///< of a hamlet
    Planted planted = {};
    int snr_db = 8;  ///< between all; -9: with SF9 none is heard well enough for quicker bursts
  };
  /// Borrows the homes for its life, and works on copies of their disks.
  World(const Homes& homes, const Setup& setup);

  void start(std::size_t box);
  void start_all();
  void power_off(std::size_t box);
  /// The program of a box begins anew, with what its disk holds; start() turns its modem on.
  void begin_anew(std::size_t box);
  void submit(std::size_t hamlet, const std::string& xml);
  void submit_all(std::size_t hamlet, const std::vector<std::string>& xml);
  /// For all hamlets. Gives the octets of its record, with the signature.
  std::size_t announce(const std::string& text);
  /// All that was submitted has its receipt at its hamlet, and the commune knows of each hamlet that it has what was
  /// announced. False: it took longer.
  bool settle(Micros at_most);
  /// Hears of each other, and no word of it is left: what the next frames cost is of the next records.
  void quiet_down();

  /// From here on the channel's count is of this measure.
  void begin_count();
  /// After the last receipt: until a minute of silence, where the count ends, then 20 minutes without any frame; all
  /// that was given is at the commune as it was, and no box was over its hour.
  void finish();

  /// Of one measure, for the sheet.
  struct Figures {
    Tally tally;
    Watch::Given given;
    double seconds = 0;  ///< from begin_count() to the last receipt
    double hour_hamlet = 0, hour_commune = 0;
  };
  [[nodiscard]] Figures figures() const;
  [[nodiscard]] std::size_t waiting() const;  ///< submissions without a receipt
  [[nodiscard]] std::size_t to_tell() const;  ///< announcements, for each hamlet that is not known to have them
  [[nodiscard]] sim::ModemNumber modem(std::size_t box) const { return boxes_[box].station->number(); }

  sim::EventLoop loop;
  sim::Air air;
  Wrongs wrongs;
  std::vector<std::string> given;  ///< XML that has to be at the commune

 private:
  struct Box {
    std::unique_ptr<tests::TestNode> node;
    std::unique_ptr<sync::RadioKeys> keys;
    std::unique_ptr<FrameKeys> watched;
    std::unique_ptr<sync::RadioContact> contact;
    std::unique_ptr<sim::AirStation> station;
  };
  Result<RadioWorkDone> run(std::size_t box, RadioWork asked);
  void heard(const sim::AirFrame& frame, const std::vector<sim::Fate>& fates);
  void set_clock(std::size_t box);
  /// Of a record as the disk of a box holds it; empty: it does not.
  [[nodiscard]] Bytes body_of(std::size_t box, const sync::Ref& ref) const;
  [[nodiscard]] RadioAlias alias_of(std::size_t hamlet) const;
  void check_hours();
  void check_records();
  void check_announcements();
  void watch_object(const Bytes& object);

  const Homes& homes_;
  Setup setup_;
  std::uint64_t draws_;
  Watch watch_;
  std::vector<Box> boxes_;
  std::vector<sync::Ref> announced_;
  Tally tally_;
  Watch::Given given_before_;
  Watch::Given given_counted_;
  Instant began_{}, receipted_{};
};

}  // namespace khuoi::bench
