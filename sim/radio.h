#pragma once

#include "sim/air/air_station.h"
#include "sim/fiber.h"
#include "sim/judge.h"
#include "sim/junk_sender.h"
#include "sync/contact/radio/radio_contact.h"
#include "sync/contact/radio/radio_keys.h"

namespace khuoi::sim {

/// Radios of the commune and of some hamlets, in one air: the shipped station over the world's replicas. Time on the
/// air passes in World::wait(), and up to the world's own time at each step.
class Radios final {
 public:
  /// Borrows all for its life. The scenario has radios.
  Radios(World& world, Judge& judge, const Fiber& fiber);

  /// Everybody switches on; the hamlets have joined.
  void begin();
  /// Something may happen to a radio, and time passes.
  void act();
  /// What happened at nodes since is told to their stations, and what was due on the air is done.
  void catch_up();
  /// The process of this node ends; it comes back by itself.
  void on_restart(Node& node);
  /// Its modem is out of its port for so long.
  void unplug(const Node& node, Micros time);
  /// A line a node: its name, time on the air, the worst hour and what is allowed in one.
  [[nodiscard]] std::vector<std::string> figures() const;
  /// For World::on_wait.
  void live_until(Instant until);

  /// What went wrong is mended, and whoever is not a member any more is switched off.
  void heal();
  /// Violation: what may go by radio does not arrive, though nothing but radio could bring it.
  void check_arrival();
  /// Violation: more on the air than radio/FORMATS.md allows where nobody has anything to say.
  void check_silence();
  /// Violation: somebody was on the air for longer than allowed, by the air's own count.
  void check_duty() const;

 private:
  struct Box {
    Node* node = nullptr;
    AirStation station;
    std::unique_ptr<sync::RadioKeys> keys;
    std::unique_ptr<sync::RadioContact> contact;
    std::pair<std::uint64_t, std::uint32_t> members;  ///< what `keys` is a picture of: the roster's digest, the group's epoch
    Alarm boots, plugs, full_until;
    radio::BootId boot{};
    bool had_link = false;
    Micros commit_takes{};
    Box(EventLoop& loop, Air& air, Node& its_node, const AirStation::Config& config, std::uint64_t seed)
        : node(&its_node), station(loop, air, config, seed), boots(loop), plugs(loop), full_until(loop) {}
  };
  static radio::DutyLedger::Limits limits_of(const Node& node);
  Box* box_of(const Node& node);
  void add_box(Node& node);
  void start(Box& box);
  void refresh(Box& box);
  void switch_off(Box& box);
  void power_cut(Box& box, const std::string& why);
  Result<RadioWorkDone> work(Box& box, const RadioWork& asked);
  Result<RadioWorkDone> commit(Box& box, const RadioWork& asked);
  void keep_back(Box& box);
  /// Violation: the ledger knows of less than what was on the air.
  void check_ledger(const Box& box) const;
  void draw_faults();
  void on_air(const AirFrame& frame, const std::vector<Fate>& fates);
  std::optional<Bytes> missing();
  [[nodiscard]] bool strikes(OneIn fault) { return !world_.calm() && fault.hits(rng_); }
  Micros up_to(Micros limit);

  World& world_;
  Judge& judge_;
  const Fiber& fiber_;
  const RadioScenario& scenario_;
  SeededRng rng_;
  EventLoop loop_;
  Air air_;
  std::vector<std::unique_ptr<Box>> boxes_;
  std::unique_ptr<JunkSender> junk_;
  struct KeptBack {
    std::unique_ptr<MemoryStore> store;  ///< the commune's, before what its disk only says that it has
    std::uint64_t commits = 0;           ///< with those
  };
  KeptBack kept_back_;                                               ///< Planted::ack_before_commit
  std::map<std::pair<ModemNumber, std::uint8_t>, unsigned> frames_;  ///< by sender and type, since somebody last asked
};

}  // namespace khuoi::sim
