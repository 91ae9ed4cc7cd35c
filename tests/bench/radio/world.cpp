#include "tests/bench/radio/world.h"

#include <algorithm>
#include <set>

namespace khuoi::bench {

using sim::AirStation;
using tests::TestNode;

namespace {
constexpr radio::DutyLedger::Limits no_limit{1h, Micros(0)};
constexpr Micros silence = 1min;
constexpr Micros watched_after = 20min;
}  // namespace

Micros airtime_of(const radio::Modulation& modulation, std::size_t octets) {
  return radio::time_on_air(modulation, {.preamble_symbols = radio::rnode_preamble_symbols(modulation)}, octets);
}

double bound_seconds(const radio::Modulation& modulation, std::size_t octets, unsigned lost_per_mille) {
  const std::size_t full = octets / radio::frame_octets_max;
  const std::size_t rest = octets % radio::frame_octets_max;
  Micros out = airtime_of(modulation, radio::frame_octets_max) * static_cast<std::int64_t>(full);
  if (rest != 0) out += airtime_of(modulation, rest);
  return seconds_of(out) * 1000 / (1000 - lost_per_mille);
}

World::World(const Homes& homes, const Setup& setup)
    : air(loop, setup.seed),
      homes_(homes),
      setup_(setup),
      draws_(setup.seed * 1000),
      watch_([this](std::size_t box, const sync::Ref& ref) { return !body_of(box, ref).empty(); }, wrongs),
      boxes_(setup.hamlets + 1) {
  loop.run_until(Instant(1h));
  for (std::size_t i = 0; i < boxes_.size(); ++i) {
    boxes_[i].node = std::make_unique<TestNode>(homes.nodes[i]->disk->clone(), ++draws_);
    const auto limits = setup.planted.ledger_off ? no_limit : i == 0 ? commune_hour : setup.hour;
    boxes_[i].station = std::make_unique<AirStation>(
        loop, air, AirStation::Config{i == 0, {921'400'000, setup.modulation, 14}, limits}, ++draws_);
  }
  for (std::size_t i = 0; i < boxes_.size(); ++i) {
    for (std::size_t other = 0; other < i; ++other) air.set_snr(modem(i), modem(other), setup.snr_db);
  }
  for (std::size_t i = 0; i < boxes_.size(); ++i) set_clock(i);
  boxes_[0].node->unlock();
  for (std::size_t i = 1; i < boxes_.size(); ++i) {
    tests::talk(*boxes_[i].node, *boxes_[0].node);
    tests::talk(*boxes_[i].node, *boxes_[0].node);
  }
  air.set_hook([this](const sim::AirFrame& frame, const std::vector<sim::Fate>& fates) { heard(frame, fates); });
}

void World::heard(const sim::AirFrame& frame, const std::vector<sim::Fate>& fates) {
  const Micros airtime = frame.end - frame.start;
  const auto count = [&](Tally::Frames& to) {
    ++to.frames;
    to.airtime += airtime;
  };
  count(tally_.all);
  count(frame.sender == modem(0) ? tally_.commune : tally_.hamlets);
  count(tally_.senders[frame.sender]);
  if (const auto decoded = radio::decode_frame(ByteView(frame.octets).subspan(1))) count(tally_.types[decoded->type]);
  for (const sim::Fate fate : fates) {
    tally_.lost += fate == sim::Fate::lost;
    tally_.collided += fate == sim::Fate::collided;
    tally_.deaf += fate == sim::Fate::deaf;
  }
  if (setup_.hamlets == 1) tally_.kept.push_back(frame);
}

RadioAlias World::alias_of(std::size_t hamlet) const {
  sync::Replica& replica = *boxes_[hamlet].node->replica;
  return replica.roster().node(replica.self().node)->radio_alias;
}

void World::start(std::size_t number) {
  Box& box = boxes_[number];
  const auto txn = box.node->replica->read();
  const auto group = sync::GroupKeys::of(**txn);
  REQUIRE(group);
  box.keys = std::make_unique<sync::RadioKeys>(box.node->replica->membership(), *group);
  box.watched = watch_.keys({number, box.node->replica->self().node, number == 0}, *box.keys);
  box.contact = std::make_unique<sync::RadioContact>(*box.node->replica);
  // Hamlets that are not in this world would be called all the time.
  std::vector<RadioAlias> peers;
  for (std::size_t i = 1; i < boxes_.size(); ++i) {
    if (number == 0 || number == i) peers.push_back(alias_of(i));
  }
  const std::uint64_t seed = setup_.planted.counter_reset ? number + 1 : ++draws_;
  if (setup_.planted.ledger_lost) box.station->ledger_file().clear();
  box.station->start({*box.watched, [this, number](const RadioWork& work) { return run(number, work); }, peers, seed});
}

void World::start_all() {
  for (std::size_t i = 0; i < boxes_.size(); ++i) start(i);
}

void World::power_off(std::size_t box) {
  boxes_[box].station->power_off();
  boxes_[box].contact.reset();
}

void World::begin_anew(std::size_t box) {
  if (boxes_[box].station->on()) power_off(box);
  boxes_[box].node->start();
}

/// Both clocks go on together: a record written when they do not costs eight octets more.
void World::set_clock(std::size_t box) {
  Now& now = boxes_[box].node->now;
  now.monotonic = std::max(now.monotonic, loop.now());
  now.wall = UnixSeconds{wall_begins +
                         std::chrono::duration_cast<std::chrono::seconds>(now.monotonic.time_since_epoch()).count()};
}

Result<RadioWorkDone> World::run(std::size_t number, RadioWork asked) {
  Box& box = boxes_[number];
  set_clock(number);
  if (setup_.planted.ack_forgotten && number != 0) asked.confirmed.clear();
  KHUOI_TRY(auto writing, box.node->replica->begin(box.node->now));
  KHUOI_TRY(auto done, box.contact->run(writing.batch(), asked));
  const bool commits = number == 0 ? !setup_.planted.ack_before_commit
                                   : !setup_.planted.report_before_commit || asked.objects_arrived.empty();
  if (commits) KHUOI_TRY_VOID(writing.commit());
  if (number == 0 && done.object) watch_object(done.object->octets);
  // What goes to one hamlet alone is confirmed by its names; a confirmation without any is of an association.
  const bool alone = std::ranges::any_of(asked.confirmed, [](const auto& one) {
    return std::ranges::any_of(one.names, [](std::uint64_t name) { return name != 0; });
  });
  if (number == 0 ? alone || !asked.told.empty() : !asked.confirmed.empty()) receipted_ = loop.now();
  return done;
}

void World::submit(std::size_t hamlet, const std::string& xml) { submit_all(hamlet, {xml}); }

void World::submit_all(std::size_t hamlet, const std::vector<std::string>& xml) {
  set_clock(hamlet);
  for (const std::string& one : xml) {
    boxes_[hamlet].node->submit(one);
    given.push_back(one);
  }
  boxes_[hamlet].station->on_local_change();
}

std::size_t World::announce(const std::string& text) {
  set_clock(0);
  announced_.push_back(bench::announce(*boxes_[0].node, text));
  boxes_[0].station->on_local_change();
  return body_of(0, announced_.back()).size();
}

void World::watch_object(const Bytes& object) {
  const StreamDigest digest = boxes_[0].keys->chain({}, object);
  sync::ElementReader elements;
  elements.add(object);
  std::vector<sync::Ref> records;
  std::map<std::uint8_t, RunId> slots;
  const NodeId author = boxes_[0].node->replica->self().node;
  while (true) {
    const auto element = elements.next(true);
    REQUIRE(element);
    if (!*element) break;
    if (const auto* opener = std::get_if<sync::RadioOpener>(&**element)) {
      slots[opener->slot] = opener->run;
      records.push_back({author, opener->run, 0});
    } else if (const auto* run = std::get_if<sync::RadioRun>(&**element)) {
      slots[run->slot] = run->run;
    } else if (const auto* record = std::get_if<sync::RadioRecord>(&**element)) {
      records.push_back({author, slots.at(record->slot), record->number});
    }
  }
  watch_.object(digest[0], std::move(records));
}

std::size_t World::to_tell() const {
  sync::Replica& commune = *boxes_[0].node->replica;
  std::size_t out = 0;
  auto txn = commune.read();
  for (std::size_t i = 1; i < boxes_.size(); ++i) {
    const auto has = sync::received_by(**txn, commune.peers(), boxes_[i].node->replica->self().node);
    REQUIRE(has);
    for (const sync::Ref& ref : announced_) {
      const auto run = has->find(sync::run_of(ref));
      out += run == has->end() || !run->second.contains(ref.number);
    }
  }
  return out;
}

std::size_t World::waiting() const {
  std::size_t out = 0;
  for (std::size_t i = 1; i < boxes_.size(); ++i) {
    sync::Replica& replica = *boxes_[i].node->replica;
    auto txn = replica.read();
    const auto status = replica.reader().status(**txn);
    REQUIRE(status);
    out += status->waiting;
  }
  return out;
}

bool World::settle(Micros at_most) {
  const Instant end = loop.now() + at_most;
  while (waiting() + to_tell() != 0) {
    if (loop.now() >= end) return false;
    // Only a receipt changes it.
    const Instant before = receipted_;
    loop.run_until(end, [&] { return receipted_ != before; });
  }
  return true;
}

void World::quiet_down() {
  REQUIRE(settle(2h));
  const auto silent = [&] { return loop.now() - air.last_frame_end().value_or(loop.now()) >= 2 * silence; };
  const Instant end = loop.now() + 2h;
  while (!silent() && loop.now() < end) loop.run_for(1s);
  REQUIRE(silent());
}

void World::begin_count() {
  tally_ = {};
  given_before_ = watch_.given();
  began_ = receipted_ = loop.now();
}

void World::finish() {
  if (!settle(12h)) wrongs.add(check::all, std::to_string(waiting() + to_tell()) + " wait without a receipt");
  const Instant end = loop.now() + 2h;
  const auto silent_since = [&] { return std::max(receipted_, air.last_frame_end().value_or(receipted_)); };
  while (loop.now() < silent_since() + silence && loop.now() < end)
    loop.run_until(std::min(silent_since() + silence, end));
  const Tally counted = tally_;
  given_counted_ = watch_.given() - given_before_;
  loop.run_for(watched_after);
  if (tally_.all.frames != counted.all.frames)
    wrongs.add(check::silence, "so many: " + std::to_string(tally_.all.frames - counted.all.frames));
  tally_ = counted;
  check_hours();
  check_records();
  check_announcements();
}

World::Figures World::figures() const {
  Figures out{tally_, given_counted_, seconds_of(receipted_ - began_)};
  for (std::size_t i = 0; i < boxes_.size(); ++i) {
    double& worst = i == 0 ? out.hour_commune : out.hour_hamlet;
    worst = std::max(worst, seconds_of(air.figures(modem(i)).worst_hour));
  }
  return out;
}

void World::check_hours() {
  for (std::size_t i = 0; i < boxes_.size(); ++i) {
    const Micros worst = air.figures(modem(i)).worst_hour;
    if (worst > (i == 0 ? commune_hour : hamlet_hour).hour)
      wrongs.add(check::hour,
                 "box " + std::to_string(i) + " was on the air for " + std::to_string(seconds_of(worst)) + " s");
  }
}

Bytes World::body_of(std::size_t box, const sync::Ref& ref) const {
  sync::Replica& replica = *boxes_[box].node->replica;
  auto txn = replica.read();
  const auto record = replica.runs().record(**txn, ref);
  return record && *record ? (*record)->body : Bytes();
}

void World::check_announcements() {
  for (const sync::Ref& ref : announced_) {
    for (std::size_t i = 1; i < boxes_.size(); ++i) {
      if (body_of(i, ref) != body_of(0, ref)) wrongs.add(check::same, "an announcement at box " + std::to_string(i));
    }
  }
}

void World::check_records() {
  sync::Replica& commune = *boxes_[0].node->replica;
  auto txn = commune.read();
  const auto list = commune.views().list(**txn);
  REQUIRE(list);
  std::multiset<std::string> there;
  for (const auto& entry : *list) {
    if (homes_.known.contains(entry.id)) continue;
    const auto key = sync::DossierViews::resolve(**txn, entry.id.hex());
    REQUIRE(key);
    const auto detail = commune.views().detail(**txn, *key);
    REQUIRE(detail);
    for (const auto& version : detail->versions) there.emplace(version.xml.begin(), version.xml.end());
  }
  for (const auto& xml : given) {
    if (there.count(xml) != 1) wrongs.add(check::same, "there " + std::to_string(there.count(xml)) + " times");
  }
}

}  // namespace khuoi::bench
