#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <list>
#include <map>
#include <set>

#include "radio/modem/rnode.h"
#include "radio/station.h"
#include "tests/radio/plain_keys.h"
#include "tests/support/print_result.h"

namespace khuoi::tests {

/// One node: a station, and in place of records things that are said: each of a length octet pair and its octets. What
/// it is told it keeps in a set, so that what comes twice shows.
struct AirNode {
  bool commune = false;
  RadioAlias alias = 0;
  PlainKeys plain_keys;
  FrameKeys* keys = &plain_keys;
  /// In place of the things to say: real records, perhaps.
  std::function<Result<RadioWorkDone>(const RadioWork&)> records;
  radio::DutyLedger ledger;
  std::unique_ptr<radio::Station> station;
  Micros commit_takes{20'000};
  bool commits_fail = false;
  bool hidden = false;      ///< as its technician knows
  bool long_notes = false;  ///< answers carry as much as they may

  struct Thing {
    Bytes octets;
    bool urgent = false;
    bool confirmed = false;
  };
  std::map<RadioAlias, std::vector<Thing>> to_say;
  struct Stream {
    RadioAlias peer = 0;
    std::set<std::size_t> given;  ///< of the things to say
    std::map<std::uint64_t, std::size_t> names;
    Bytes arrived;
  };
  std::map<AssociationId, Stream> streams;
  std::map<RadioAlias, std::multiset<Bytes>> told;
  std::vector<bool> fresh;  ///< of notes
  /// What a commune has for all hamlets; who is known to have it, and to whom it did not come through unharmed.
  struct ForAll {
    Bytes octets;
    bool urgent = false;
    std::set<RadioAlias> has, spoilt;
  };
  std::vector<ForAll> for_all;
  std::multiset<Bytes> heard_by_all;  ///< at a hamlet
  std::optional<RadioWork> work;
  Instant work_ends{};

  Micros airtime{};
  unsigned frames = 0;
  std::set<const AirNode*> deaf_to;
  Instant busy_until{};  ///< its modem has a frame

  AirNode(bool is_commune, RadioAlias its_alias, const radio::DutyLedger::Limits& limits)
      : commune(is_commune), alias(its_alias), ledger(limits, radio::BootId{}) {}
};

/// A commune and hamlets on one channel: half duplex, collisions, carrier sense, loss by seed.
class AirWorld {
 public:
  explicit AirWorld(std::size_t hamlets, std::uint64_t seed, radio::Modulation modulation = {},
                    radio::DutyLedger::Limits limits = {std::chrono::hours(1), Micros(0)})
      : modulation_(modulation), rng(seed) {
    shape_.preamble_symbols = radio::rnode_preamble_symbols(modulation);
    const Micros slot = std::clamp<Micros>(12 * radio::symbol_time(modulation), Micros(24'000), Micros(100'000));
    const auto airtime = [this](std::size_t octets) { return on_air(octets); };
    timing_ = {airtime, 15 * slot, radio::best_frame_octets(airtime, radio::frame_handed_max)};
    nodes.push_back(std::make_unique<AirNode>(true, RadioAlias{0}, limits));
    for (std::size_t i = 1; i <= hamlets; ++i) nodes.push_back(std::make_unique<AirNode>(false, RadioAlias(i), limits));
    for (auto& node : nodes) start(*node);
  }
  [[nodiscard]] Micros on_air(std::size_t octets) const { return radio::time_on_air(modulation_, shape_, octets + 1); }
  [[nodiscard]] const radio::Timing& timing() const { return timing_; }
  /// Modems that take so much and no more; everybody starts anew.
  void limit_frames(std::size_t octets) {
    timing_.frame_octets_max = radio::best_frame_octets(timing_.airtime, octets);
    for (auto& node : nodes) start(*node);
  }
  AirNode& commune() { return *nodes[0]; }
  AirNode& hamlet(std::size_t i) { return *nodes[i]; }

  /// The commune has a concentrator with this base, and hamlets are so far away that they need the slower one of this
  /// world, without a quicker one for bursts; everybody starts anew.
  void concentrator(unsigned base) {
    concentrator_base_ = base;
    signal = {-120, -15, {0, modulation_.spreading_factor}};
    for (auto& node : nodes) start(*node);
  }
  /// One frame takes so long at most; everybody starts anew.
  void limit_dwell(Micros dwell_max) {
    timing_.dwell_max = dwell_max;
    limit_frames(radio::octets_in_dwell(timing_.airtime, radio::frame_handed_max, dwell_max));
  }
  [[nodiscard]] radio::Station::Config config_of(const AirNode& node) const {
    if (!node.commune || concentrator_base_ == 0) return {node.commune, timing_, {}, false, node.hidden};
    radio::Timing timing = timing_;
    const auto modulation_at = [modulation = modulation_](unsigned factor) {
      radio::Modulation out = modulation;
      out.spreading_factor = factor;
      return out;
    };
    timing.airtime_at = [this, modulation_at](std::size_t octets, unsigned factor) {
      return radio::time_on_air(modulation_at(factor), shape_, octets + 1);
    };
    timing.gap_at = [modulation_at](unsigned factor) { return radio::rnode_wait_max(modulation_at(factor)); };
    if (timing_.dwell_max > Micros(0)) timing.frame_octets_max = radio::frame_handed_max;
    timing = timing.at(concentrator_base_);
    return {true, timing, {0, concentrator_base_}, true};
  }

  void start(AirNode& node) {
    node.streams.clear();
    node.work.reset();
    node.station = std::make_unique<radio::Station>(config_of(node), *node.keys, rng, node.ledger);
    std::vector<RadioAlias> peers;
    for (auto& other : nodes) {
      if (!other->commune && (node.commune || other.get() == &node)) peers.push_back(other->alias);
    }
    node.station->set_peers(now, peers);
  }
  void say(AirNode& from, RadioAlias to, std::size_t octets, bool urgent = false) {
    Bytes thing(octets);
    rng.fill(thing);
    from.to_say[to].push_back({std::move(thing), urgent});
    from.station->on_local_change();
  }
  void say_to_all(std::size_t octets, bool urgent = false) {
    Bytes thing(octets);
    rng.fill(thing);
    commune().for_all.push_back({std::move(thing), urgent, {}, {}});
    commune().station->on_local_change();
  }
  /// Every hamlet has all that was said to all, and the commune knows it.
  bool all_told() {
    bool all = true;
    for (const auto& thing : commune().for_all) {
      for (auto& node : nodes)
        all = all && (node->commune || (thing.has.contains(node->alias) && node->heard_by_all.count(thing.octets) == 1));
    }
    return all;
  }
  /// All that hamlets said is confirmed and came whole; `twice`: how many things came more than once.
  bool all_in(std::size_t* twice = nullptr) {
    bool all = true;
    for (auto& from : nodes) {
      for (auto& [alias, things] : from->to_say) {
        AirNode& to = from->commune ? *nodes[alias] : commune();
        for (const auto& thing : things) {
          const std::size_t times = to.told[alias].count(thing.octets);
          all = all && thing.confirmed && times != 0;
          if (twice != nullptr) *twice += times > 1 ? 1 : 0;
        }
      }
    }
    return all;
  }
  /// No one is told anything that was not said.
  bool nothing_made_up() {
    for (auto& node : nodes) {
      for (auto& [alias, things] : node->told) {
        AirNode& from = node->commune ? *nodes[alias] : commune();
        for (const Bytes& thing : things) {
          const auto& said = from.to_say[alias];
          if (std::none_of(said.begin(), said.end(), [&](const auto& one) { return one.octets == thing; }))
            return false;
        }
      }
    }
    return true;
  }
  [[nodiscard]] Micros airtime() const {
    Micros out{};
    for (const auto& node : nodes) out += node->airtime;
    return out;
  }
  [[nodiscard]] unsigned frames() const {
    unsigned out = 0;
    for (const auto& node : nodes) out += node->frames;
    return out;
  }

  /// Until `until` says so, or that time is over. Gives whether it did.
  bool run(
      Micros at_most, const std::function<bool()>& until = [] { return false; }) {
    const Instant end = now + at_most;
    while (true) {
      for (auto& node : nodes) drive(*node);
      if (until()) return true;
      Instant next = end;
      for (auto& node : nodes) {
        if (node->work) next = std::min(next, node->work_ends);
        if (node->busy_until > now) next = std::min(next, node->busy_until);
        const auto wakes = node->station->wake(now);
        if (wakes && node->busy_until <= now) next = std::min(next, std::max(*wakes, now + Micros(1)));
      }
      for (auto& flight : flights_) next = std::min(next, flight.on_air ? flight.ends : flight.begins);
      if (next >= end) {
        now = end;
        return until();
      }
      // A station that wakes again and again and does nothing would keep a processor busy.
      wakes_for_nothing_ = next - now > Micros(1) ? 0 : wakes_for_nothing_ + 1;
      if (wakes_for_nothing_ > 1000) FAIL("a station wakes for nothing at " << now.time_since_epoch().count() << " us");
      now = std::max(next, now);
      move_frames();
    }
  }

  radio::Signal signal = {-90, 5};  ///< of all frames
  std::uint32_t loss_percent = 0;
  std::function<void(AirNode& from, Bytes& frame)> on_frame;  ///< may change it
  std::function<bool(const AirNode& from, const AirNode& to)> loses;
  std::vector<std::unique_ptr<AirNode>> nodes;
  Instant now{Micros(1'000'000)};

 private:
  struct Flight {
    AirNode* from = nullptr;
    Bytes octets;
    Instant begins{}, ends{};
    bool on_air = false;
    std::set<AirNode*> spoiled;  ///< who cannot hear it
  };
  void drive(AirNode& node) {
    radio::Station& station = *node.station;
    if (node.work && now >= node.work_ends) finish_work(node);
    if (!node.work) {
      RadioWork work = station.take_work(now);
      if (!work.empty()) {
        node.work = std::move(work);
        node.work_ends = now + (node.work->arrived.empty() ? Micros(1000) : node.commit_takes);
      }
    }
    if (node.busy_until > now) return;
    node.ledger.ended(now);
    if (auto frame = station.next(now)) {
      if (on_frame) on_frame(node, *frame);
      if (frame->size() > timing_.frame_octets_max) FAIL("a frame of " << frame->size() << " octets");
      const Micros wait(static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(timing_.gap.count()))));
      flights_.push_back({&node, std::move(*frame), now + wait, {}, false, {}});
      node.busy_until = now + wait + on_air(flights_.back().octets.size());
    }
  }
  void finish_work(AirNode& node) {
    const RadioWork work = *std::exchange(node.work, std::nullopt);
    if (node.commits_fail) return node.station->failed(now);
    if (node.records) {
      auto records_done = node.records(work);
      return records_done ? node.station->done(now, std::move(*records_done)) : node.station->failed(now);
    }
    RadioWorkDone done;
    for (const auto& one : work.confirmed) {
      AirNode::Stream& stream = node.streams[one.association];
      for (const std::uint64_t name : one.names) {
        if (name != 0) node.to_say[one.alias][stream.names.at(name)].confirmed = true;
      }
    }
    for (const auto& one : work.noted) node.fresh.push_back(one.fresh);
    for (const auto& one : work.arrived) {
      AirNode::Stream& stream = node.streams[one.association];
      append(stream.arrived, one.octets);
      for (std::size_t length = 0; stream.arrived.size() >= 2; stream.arrived.erase(
               stream.arrived.begin(), stream.arrived.begin() + 2 + static_cast<std::ptrdiff_t>(length))) {
        length = stream.arrived[0] * 256U + stream.arrived[1];
        if (stream.arrived.size() < 2 + length) break;
        if (length > 0)
          node.told[one.alias].insert(
              Bytes(stream.arrived.begin() + 2, stream.arrived.begin() + 2 + static_cast<std::ptrdiff_t>(length)));
      }
      const std::size_t noted = node.long_notes ? one.note_octets_max : node.commune ? 1 : 0;
      done.committed.push_back({one.alias, one.association, one.frames, Bytes(noted, 7)});
    }
    run_objects(node, work, done);
    for (const AssociationId id : work.ended) node.streams.erase(id);
    for (const auto& one : work.wanted) {
      AirNode::Stream& stream = node.streams[one.association];
      RadioWorkDone::Loaded loaded{one.alias, one.association, {}};
      if (!node.commune && stream.names.empty()) {
        loaded.pieces.push_back({Bytes{0, 0}, 0, false});  // a greeting
        stream.names[0] = 0;
      }
      std::size_t octets = 0;
      auto& things = node.to_say[one.alias];
      for (const bool urgent : {true, false}) {
        for (std::size_t i = 0; i < things.size() && octets < one.octets; ++i) {
          if (things[i].urgent != urgent || things[i].confirmed || !stream.given.insert(i).second) continue;
          Bytes piece;
          Writer(piece).u16(static_cast<std::uint16_t>(things[i].octets.size())).raw(things[i].octets);
          octets += piece.size();
          stream.names[i + 1] = i;
          loaded.pieces.push_back({std::move(piece), i + 1, urgent});
        }
      }
      done.loaded.push_back(std::move(loaded));
    }
    node.station->done(now, std::move(done));
  }
  void run_objects(AirNode& node, const RadioWork& work, RadioWorkDone& done) {
    for (const auto& one : work.told) {
      AirNode::ForAll& thing = node.for_all[one.object - 1];
      if (one.how == RadioWork::Told::How::has_it) thing.has.insert(one.alias);
      if (one.how == RadioWork::Told::How::alone) thing.spoilt.insert(one.alias);
    }
    for (const auto& one : work.objects_arrived) {
      const bool communes = std::ranges::any_of(
          commune().for_all, [&](const AirNode::ForAll& thing) { return thing.octets == one.octets; });
      if (communes) node.heard_by_all.insert(one.octets);
      done.objects_taken.push_back({one.tag, communes});
    }
    for (const bool urgent : {true, false}) {
      for (std::size_t i = 0; i < node.for_all.size() && !work.listeners.empty() && !done.object; ++i) {
        const AirNode::ForAll& thing = node.for_all[i];
        RadioWorkDone::Object object{i + 1, thing.octets, thing.urgent, {}};
        for (const RadioAlias alias : work.listeners) {
          if (!thing.has.contains(alias) && !thing.spoilt.contains(alias)) object.listeners.push_back(alias);
        }
        if (thing.urgent == urgent && !object.listeners.empty()) done.object = std::move(object);
      }
    }
  }
  bool hears(const AirNode& from, const AirNode& to) const { return &from != &to && !to.deaf_to.contains(&from); }
  void move_frames() {
    for (auto flight = flights_.begin(); flight != flights_.end();) {
      if (!flight->on_air && now >= flight->begins) begin(*flight);
      if (!flight->on_air || now < flight->ends) {
        ++flight;
        continue;
      }
      const Flight over = std::move(*flight);
      flight = flights_.erase(flight);
      for (auto& to : nodes) {
        const bool lost =
            over.spoiled.contains(to.get()) || rng.below(100) < loss_percent || (loses && loses(*over.from, *to));
        if (hears(*over.from, *to) && !lost) to->station->on_frame(now, over.octets, signal);
      }
    }
  }
  void begin(Flight& flight) {
    for (const Flight& other : flights_) {
      if (!other.on_air || !hears(*other.from, *flight.from)) continue;
      flight.begins =
          other.ends + Micros(static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(timing_.gap.count()))));
      flight.from->busy_until = flight.begins + on_air(flight.octets.size());
      return;
    }
    flight.on_air = true;
    flight.ends = now + on_air(flight.octets.size());
    flight.from->busy_until = flight.ends;
    flight.from->airtime += on_air(flight.octets.size());
    ++flight.from->frames;
    for (Flight& other : flights_) {
      if (!other.on_air || &other == &flight) continue;
      for (auto& node : nodes) {
        if (!hears(*other.from, *node) || !hears(*flight.from, *node)) continue;
        other.spoiled.insert(node.get());
        flight.spoiled.insert(node.get());
      }
      other.spoiled.insert(flight.from);
      flight.spoiled.insert(other.from);
    }
  }

  radio::Modulation modulation_;
  radio::FrameShape shape_;
  radio::Timing timing_;
  unsigned wakes_for_nothing_ = 0;
  unsigned concentrator_base_ = 0;  ///< 0: the commune has a modem as all others
  std::list<Flight> flights_;

 public:
  SeededRng rng;
};

}  // namespace khuoi::tests
