#include "sim/radio_acceptance.h"

#include <algorithm>
#include <cstdio>

#include "sim/people.h"
#include "sim/radio.h"

namespace khuoi::sim {

namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::size_t hamlets = 6, submissions = 100, announcements = 3;
constexpr Micros given_up_after = hours(48);

Scenario the_scenario(std::uint64_t seed, bool concentrator) {
  Scenario out;
  out.seed = seed;
  out.hamlets = hamlets;
  out.built_in_forms = true;
  RadioScenario radio;
  radio.alone = true;
  radio.hamlets.assign(hamlets, true);
  radio.spreading_factor = 9;
  radio.concentrator = concentrator;
  radio.losses = {200, 4};
  radio.snr_db.assign(hamlets, 5);
  radio.commit_takes.assign(hamlets + 1, std::chrono::milliseconds(200));
  for (std::size_t a = 0; a < hamlets / 2; ++a) {  // a ridge between two valleys; all hear the commune
    for (std::size_t b = hamlets / 2; b < hamlets; ++b) radio.hidden.emplace_back(a, b);
  }
  out.radio = radio;
  return out;
}

class Morning final {
 public:
  Morning(std::uint64_t seed, bool concentrator, bool aloud)
      : trace_(aloud),
        world_(the_scenario(seed, concentrator), trace_),
        people_(world_),
        fiber_(world_),
        judge_(world_, people_),
        radios_(world_, judge_, fiber_) {
    world_.on_restart = [this](Node& node) { radios_.on_restart(node); };
    world_.on_wait = [this](Instant until) { radios_.live_until(until); };
  }

  void live(RadioAcceptance& out) {
    people_.begin();
    radios_.begin();
    const Instant began = world_.time();
    wait(minutes(5));
    for (std::size_t i = 0; i < submissions; ++i) {
      Node& box = *world_.nodes().at(1 + i % hamlets);
      people_.submit_new(box);
      if (i == 30) form_ = written([&] { people_.publish_form(sync::Domain::general); });
      if (i % 30 == 20 && announced_.size() < announcements) announced_.push_back(written([&] { people_.announce(); }));
      if (i == 40) radios_.unplug(*world_.nodes().at(2), minutes(40));
      if (i == 60) world_.restart(*world_.nodes().at(3), "a power cut");
      if (i == 80) world_.restart(world_.commune(), "a power cut");
      wait(minutes(2));
    }
    do {
      wait(minutes(10));
      count(out);
    } while (!out.waits.empty() && world_.time() - began < given_up_after);
    out.took = world_.time() - began;
    out.on_the_air = radios_.figures();
    judge_.check_receipts();
    radios_.check_duty();
  }

 private:
  void wait(Micros time) {
    radios_.catch_up();
    world_.wait(time.count());
    judge_.check_receipts();
  }

  template <typename Act>
  std::vector<Bytes> written(const Act& act) {
    Node& commune = world_.commune();
    commune.watch.take_written();
    act();
    return commune.watch.take_written();
  }

  [[nodiscard]] static bool holds_all(Node& node, const std::vector<Bytes>& keys) {
    const auto txn = sure(node.replica->read(), "read");
    return std::ranges::all_of(
        keys, [&](const Bytes& key) { return sure(txn->get(sync::Table::record, key), "get").has_value(); });
  }

  void count(RadioAcceptance& out) {
    out.submissions = out.announcements = out.forms = 0;
    out.waits.clear();
    for (const Saved& version : people_.saved()) {
      // The last one is the submission; what may stand before it signs records of before, and waits for a stick.
      if (!version.keys.empty() && holds_all(world_.commune(), {version.keys.back()}))
        ++out.submissions;
      else
        out.waits.push_back("submission " + version.instance.substr(5, 8) + " of hamlet " +
                            std::to_string(version.hamlet + 1));
    }
    for (Node* box : world_.boxes()) {
      for (std::size_t i = 0; i < announced_.size(); ++i) {
        if (holds_all(*box, announced_[i]))
          ++out.announcements;
        else
          out.waits.push_back("announcement " + std::to_string(i + 1) + " for " + box->name);
      }
      if (holds_all(*box, form_))
        ++out.forms;
      else
        out.waits.push_back("the form for " + box->name);
    }
  }

  Trace trace_;
  World world_;
  People people_;
  Fiber fiber_;
  Judge judge_;
  Radios radios_;
  std::vector<std::vector<Bytes>> announced_;
  std::vector<Bytes> form_;
};

}  // namespace

RadioAcceptance live_radio_acceptance(std::uint64_t seed, bool concentrator, bool aloud) {
  RadioAcceptance out;
  try {
    Morning(seed, concentrator, aloud).live(out);
  } catch (const Violation& violation) {
    out.violation = violation.what;
  }
  return out;
}

int run_radio_acceptance(std::uint64_t seed, bool concentrator) {
  const RadioAcceptance done = live_radio_acceptance(seed, concentrator, false);
  std::printf("submissions=%zu/%zu announcements=%zu/%zu forms=%zu/%zu minutes=%lld\n", done.submissions, submissions,
              done.announcements, announcements * hamlets, done.forms, hamlets,
              static_cast<long long>(done.took / minutes(1)));
  for (const std::string& line : done.on_the_air) std::printf("%s\n", line.c_str());
  for (const std::string& line : done.waits) std::printf("waits: %s\n", line.c_str());
  if (!done.violation.empty())
    std::printf("VIOLATION seed=%llu: %s\n", static_cast<unsigned long long>(seed), done.violation.c_str());
  return done.complete() ? 0 : 1;
}

}  // namespace khuoi::sim
