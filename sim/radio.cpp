#include "sim/radio.h"

#include <algorithm>
#include <tuple>

#include "radio/frame.h"
#include "sync/peers/radio_marks.h"

namespace khuoi::sim {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint32_t channel_hz = 922'500'000;
/// Digest of the roster and epoch of the group's key, with the keys of frames that follow from both.
std::pair<std::pair<std::uint64_t, std::uint32_t>, std::unique_ptr<sync::RadioKeys>> members_of(const Node& node) {
  const auto txn = sure(node.replica->read(), "read");
  const auto group = sure(sync::GroupKeys::of(*txn), "group");
  const std::uint32_t epoch = group.empty() ? 0 : group.front().epoch;
  return {std::pair(node.replica->roster().digest(), epoch),
          std::make_unique<sync::RadioKeys>(node.replica->membership(), group)};
}

std::string seconds_of(Micros time) {
  return std::to_string(time.count() / 1'000'000) + "." + std::to_string(time.count() / 100'000 % 10) + " s";
}

}  // namespace

radio::DutyLedger::Limits Radios::limits_of(const Node& node) {
  // A hamlet's and a commune's share of an hour, as the program sets them; the last fifth for what is urgent.
  const Micros hour = Micros(hours(1)) * (node.is_commune() ? 10 : 1) / 100;
  return {hour, hour / 5};
}

Radios::Radios(World& world, Judge& judge, const Fiber& fiber)
    : world_(world),
      judge_(judge),
      fiber_(fiber),
      scenario_(*world.scenario().radio),
      rng_(world.scenario().seed ^ 0xa17a17a17a17a17aU),
      air_(loop_, world.scenario().seed ^ 0x0a0b0c0d) {
  air_.set_hook([this](const AirFrame& frame, const std::vector<Fate>& fates) { on_air(frame, fates); });
  air_.set_losses(scenario_.losses);
}

Micros Radios::up_to(Micros limit) {
  return Micros(static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(limit.count()) + 1)));
}

Radios::Box* Radios::box_of(const Node& node) {
  const auto found = std::ranges::find_if(boxes_, [&](const auto& box) { return box->node == &node; });
  return found == boxes_.end() ? nullptr : found->get();
}

void Radios::add_box(Node& node) {
  AirStation::Config config;
  config.commune = node.is_commune();
  config.modem = {channel_hz, {125'000, scenario_.spreading_factor, 5}, 14};
  config.limits = limits_of(node);
  config.concentrator = scenario_.concentrator && node.is_commune();
  config.commit_takes = scenario_.commit_takes.at(node.is_commune() ? 0 : node.hamlet + 1);
  auto made = std::make_unique<Box>(loop_, air_, node, config, rng_.next());
  made->commit_takes = config.commit_takes;
  rng_.fill(made->boot);
  for (const auto& other : boxes_) {
    const ModemNumber from = made->station.number();
    const ModemNumber to = other->station.number();
    if (other->node->is_commune()) {
      air_.set_snr(from, to, scenario_.snr_db.at(node.hamlet));
      if (scenario_.ridge == node.hamlet && !world_.calm()) air_.hide(from, to);
      continue;
    }
    const auto pair = std::minmax(node.hamlet, other->node->hamlet);
    if (std::ranges::count(scenario_.hidden, std::pair<std::size_t, std::size_t>(pair)) != 0) air_.hide(from, to);
  }
  boxes_.push_back(std::move(made));
  start(*boxes_.back());
}

void Radios::begin() {
  loop_.run_until(world_.time());
  for (const auto& node : world_.nodes()) {
    if (node->is_commune() || scenario_.hamlets.at(node->hamlet)) add_box(*node);
  }
  if (scenario_.junk_every) {
    const Tuning tuning{channel_hz, {125'000, scenario_.spreading_factor, 5}};
    junk_ = std::make_unique<JunkSender>(loop_, air_, tuning, *scenario_.junk_every, rng_.next());
  }
}

// A node's program.

void Radios::start(Box& box) {
  Node& node = *box.node;
  std::tie(box.members, box.keys) = members_of(node);
  box.contact = std::make_unique<sync::RadioContact>(*node.replica);
  if (scenario_.planted == Planted::forgetful_ledger) box.station.ledger_file().clear();
  const auto work = [this, &box](const RadioWork& asked) { return this->work(box, asked); };
  box.station.start({*box.keys, work, box.keys->aliases(), rng_.next(), box.boot});
  check_ledger(box);
  if (!node.is_commune()) return;
  for (const auto& other : world_.nodes()) judge_.check_marks(*other);  // whatever its disk lost by this start
}

void Radios::switch_off(Box& box) {
  box.boots.clear();
  box.station.power_off();
  box.contact.reset();
  box.keys.reset();
}

void Radios::on_restart(Node& node) {
  Box* box = box_of(node);
  if (box == nullptr) return;
  switch_off(*box);
  if (rng_.below(2) == 0) rng_.fill(box->boot);  // else the machine went on, and only the program ended
  box->boots.set(loop_.now() + seconds(1) + up_to(seconds(59)), [this, box] {
    if (box->node->on) start(*box);
  });
}

void Radios::power_cut(Box& box, const std::string& why) { world_.restart(*box.node, why); }

/// What the program looks at now and then: who is a member, and whether a fiber has come or gone.
void Radios::refresh(Box& box) {
  if (!box.station.on()) return;
  if (!box.node->on) return switch_off(box);
  auto [members, keys] = members_of(*box.node);
  if (members != box.members) {
    if (!box.keys->same_keys(*keys)) {
      switch_off(box);
      return start(box);
    }
    box.members = members;
    *box.keys = std::move(*keys);
    box.station.set_peers(box.keys->aliases());
  }
  box.station.on_local_change();
}

void Radios::catch_up() {
  for (const auto& node : world_.nodes()) {  // a disk that was copied runs in a machine like the other
    if (node->is_clone && node->on && scenario_.hamlets.at(node->hamlet) && box_of(*node) == nullptr) add_box(*node);
  }
  for (const auto& box : boxes_) {
    refresh(*box);
    check_ledger(*box);
  }
  live_until(world_.time());
}

void Radios::live_until(Instant until) {
  const Air::Figures before = air_.total();
  loop_.run_until(until);
  const Air::Figures after = air_.total();
  if (after.frames == before.frames) return;
  world_.reach(until);
  world_.trace().note("radio: " + std::to_string(after.frames - before.frames) + " frames, " +
                      seconds_of(after.airtime - before.airtime) + " on the air; received " +
                      std::to_string(after.received - before.received) + ", lost " +
                      std::to_string(after.lost - before.lost) + ", collided " +
                      std::to_string(after.collided - before.collided));
}

// Records.

Result<RadioWorkDone> Radios::commit(Box& box, const RadioWork& asked) {
  Node& node = *box.node;
  auto writing = sure(node.replica->begin(world_.now(node)), "begin");
  KHUOI_TRY(auto done, box.contact->run(writing.batch(), asked));
  if (scenario_.planted == Planted::lasting_mark && !node.is_commune())
    KHUOI_TRY_VOID(judge_.restore_marks(node, writing.batch()));
  if (strikes(scenario_.cut_before_commit)) return fail(Errc::closed, "the power went before the commit");
  KHUOI_TRY_VOID(writing.commit());
  return done;
}

Result<RadioWorkDone> Radios::work(Box& box, const RadioWork& asked) {
  Node& node = *box.node;
  world_.reach(loop_.now());
  node.touched = true;
  RadioWork todo = asked;
  if (!node.is_commune() && fiber_.has_link(node)) todo.goes = RadioGoes::nothing;
  MemoryStore& store = node.store->inner();
  const std::uint64_t octets_max = store.usage().octets_max;
  if (scenario_.planted == Planted::ack_before_commit && node.is_commune()) keep_back(box);
  if (box.full_until.when()) store.set_octets_max(store.usage().octets_used);
  if (strikes(scenario_.commit_fails)) store.fail_commit(0, fail(Errc::io, "the simulated disk failed"));
  auto done = commit(box, todo);
  store.set_octets_max(octets_max);
  World::cancel_commit_failure(node);
  world_.trace().detail([&] {
    std::string out = node.name + " commits";
    for (const auto& one : asked.arrived) out += " arrived " + std::to_string(one.octets.size());
    for (const auto& one : asked.confirmed) out += " confirmed " + std::to_string(one.names.size());
    for (const auto& one : asked.noted) out += " noted " + to_hex(one.note);
    for (const auto& one : asked.wanted) out += " wanted " + std::to_string(one.octets);
    return out + (done ? "" : ": " + done.error().what);
  });
  if (!done) {
    const Errc code = done.error().code;
    if (code != Errc::io && code != Errc::store_full && code != Errc::closed) {
      violated(node.name + ": a work of its radio: " + done.error().what);
    }
    world_.trace().note(node.name + ": by radio: nothing is committed: " + done.error().what);
    if (code == Errc::closed) power_cut(box, "a power cut during a commit by radio");
    return done;
  }
  judge_.check_marks(node);
  if (kept_back_.store && node.is_commune()) kept_back_.commits = node.watch.commits();
  if (!asked.arrived.empty()) {
    if (strikes(scenario_.cut_after_commit)) {
      power_cut(box, "a power cut after a commit by radio");
      return fail(Errc::closed, "the power went after the commit");
    }
    box.station.on_local_change();
  }
  return done;
}

/// Planted: a disk that keeps commits back in its cache, though it says that it has them, until something other than
/// the radio commits. A power cut takes all of them; it comes when the acknowledgement has been heard, as a rule.
void Radios::keep_back(Box& box) {
  NodeWatch& watch = box.node->watch;
  if (world_.calm() || (kept_back_.store && kept_back_.commits == watch.commits())) return;
  kept_back_ = {box.node->store->inner().clone(), watch.commits()};
  loop_.after(box.commit_takes + up_to(seconds(60)), [this, &box] {
    auto kept = std::exchange(kept_back_, {});
    if (!kept.store || kept.commits != box.node->watch.commits() || world_.calm()) return;
    switch_off(box);
    box.node->replica.reset();
    box.node->store->replace(std::move(kept.store));
    power_cut(box, "a power cut that takes away what was said to be committed");
  });
}

// What happens to radios.

void Radios::draw_faults() {
  Box& box = *boxes_[rng_.below(boxes_.size())];
  const std::string& name = box.node->name;
  if (strikes(scenario_.modem_pulled)) {
    world_.trace().note("fault: " + name + ": the modem is pulled out");
    unplug(*box.node, up_to(hours(2)));
  }
  if (strikes(scenario_.modem_reset)) {
    world_.trace().note("fault: " + name + ": the modem starts anew");
    box.station.reset(seconds(1) + up_to(seconds(20)));
  }
  if (strikes(scenario_.disk_full)) {
    world_.trace().note("fault: " + name + ": the disk is full for a while");
    box.full_until.set(loop_.now() + up_to(hours(1)), [] {});
  }
  if (strikes(scenario_.power_cut)) {
    Node& node = *box.node;
    loop_.after(up_to(minutes(10)), [this, &node] {
      if (!world_.calm() && node.on) world_.restart(node, "a power cut");
    });
  }
}

void Radios::unplug(const Node& node, Micros time) {
  Box& box = *box_of(node);
  box.station.pull();
  box.plugs.set(loop_.now() + time, [&box] { box.station.plug(); });
}

void Radios::act() {
  catch_up();
  draw_faults();
  const std::array<Micros, 4> pauses{seconds(5), seconds(60), minutes(15), hours(2)};
  world_.wait(up_to(pauses.at(rng_.below(pauses.size()))).count());
}

void Radios::on_air(const AirFrame& frame, const std::vector<Fate>& fates) {
  world_.trace().mix(frame.octets);
  const auto sender =
      std::ranges::find_if(boxes_, [&](const auto& box) { return box->station.number() == frame.sender; });
  const std::string name = sender == boxes_.end() ? "somebody" : (*sender)->node->name;
  world_.reach(loop_.now());
  world_.trace().detail([&] {
    static constexpr std::array<const char*, 6> words{"", "", " lost", " collided", " deaf", " cut"};
    std::string out = name + " sends " +
                      to_hex(ByteView(frame.octets).first(std::min<std::size_t>(frame.octets.size(), 5))) + ", " +
                      std::to_string(frame.octets.size()) + " octets";
    for (std::size_t i = 0; i < fates.size(); ++i) {
      const auto fate = static_cast<std::size_t>(fates[i]);
      if (fates[i] != Fate::away) out += " → " + std::to_string(i) + words.at(fate);
    }
    return out;
  });
  if (sender == boxes_.end()) return;
  if (frame.octets.size() > 1) ++frames_[{frame.sender, static_cast<std::uint8_t>(frame.octets[1] >> 4U)}];
  if ((*sender)->node->is_commune()) return;
  for (const std::string_view clear : {"uuid:", "khai-sinh", "suc-khoe", "<text>", "deprecated"}) {
    if (!std::ranges::search(frame.octets, view_of(clear)).empty()) violated(name + " sends what anybody can read");
  }
}

}  // namespace khuoi::sim
