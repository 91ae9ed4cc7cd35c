#include "sim/run.h"

#include "sim/faults.h"
#include "sim/fiber.h"
#include "sim/judge.h"
#include "sim/radio.h"
#include "sim/sticks.h"
#include "sync/peers/receipts.h"

namespace khuoi::sim {

namespace {

/// Everything that lives in one seed.
class Life final {
 public:
  Life(const Scenario& scenario, Trace& trace)
      : world_(scenario, trace),
        people_(world_),
        fiber_(world_),
        sticks_(world_),
        judge_(world_, people_),
        faults_(world_, people_, judge_) {
    world_.on_restart = [this](Node& node) {
      fiber_.drop_links_of(node, "the node stops");
      if (radios_) radios_->on_restart(node);
    };
    if (!scenario.radio) return;
    radios_ = std::make_unique<Radios>(world_, judge_, fiber_);
    world_.on_wait = [this](Instant until) { radios_->live_until(until); };
  }

  void run() {
    people_.begin();
    if (radios_) radios_->begin();
    judge_.check_receipts();
    for (std::size_t i = 0; i < world_.scenario().steps; ++i) {
      step();
      judge_.check_receipts();
    }
    come_to_rest();
    judge_.check_rest();
    for (const auto& node : world_.nodes()) {
      const auto txn = sure(node->replica->read(), "read");
      sure(txn->scan(sync::Table::record, {},
                     [&](ByteView key, ByteView value) {
                       world_.trace().mix(key);
                       world_.trace().mix(value);
                     }),
           "scan");
    }
  }

 private:
  void step() {
    if (radios_) radios_->act();
    const std::uint64_t what = world_.rng().below(10);
    if (faults_.act()) return;
    const Scenario& scenario = world_.scenario();
    if (what < 4) return people_.act();
    if (radios_ && scenario.radio->alone) return;
    const bool by_fiber = scenario.fiber && (!scenario.by_stick || what < 7);
    return by_fiber ? fiber_.act() : sticks_.act();
  }

  static bool moves(const sync::Counts& counts, bool by_fiber) {
    // Over a fiber, two hellos are said even when there is nothing to say. On a stick, what is damaged or forged is
    // looked at again at each visit, for nobody can tell that all of it was taken.
    const std::uint64_t again = by_fiber ? counts.records_duplicate + counts.records_rejected : counts.bytes_out;
    return counts.records_in + counts.records_out + counts.control_in + counts.control_out + counts.attachments_in +
               counts.attachments_out + counts.carried_in + counts.carried_out + again !=
           0;
  }

  /// One contact of a box; true when something moved.
  bool meet(Node& box, bool by_fiber) {
    if (by_fiber) return moves(fiber_.contact(box), true);
    const std::size_t stick = world_.rng().below(sticks_.count());
    bool moved = moves(sticks_.visit(box, stick), false);
    moved = moves(sticks_.visit(world_.commune(), stick), false) || moved;
    return moves(sticks_.visit(box, stick), false) || moved;
  }

  void come_to_rest() {
    world_.calm_down();
    world_.trace().note("from here on, nothing goes wrong");
    for (const auto& node : world_.nodes()) {
      fiber_.drop_links_of(*node, "calm");
      World::cancel_commit_failure(*node);
      node->clock_error_seconds = 0;
      if (!node->unlocked) world_.unlock(*node);
      sure(node->replica->close(world_.now(*node)), "close");
    }
    retire_clones();
    if (radios_) {
      radios_->heal();
      radios_->check_arrival();
      radios_->check_silence();
      radios_->check_duty();
    }
    // Who was put back by a swap of disks, and has nothing to say, learns of it from what is said anew after a while.
    world_.pass((sync::restate_after_seconds + 1) * 1'000'000);
    const bool by_fiber = !world_.scenario().by_stick || (world_.scenario().fiber && world_.rng().below(2) == 0);
    constexpr std::size_t rounds_max = 16;
    for (std::size_t round = 0; round < rounds_max; ++round) {
      bool moved = false;
      for (Node* box : world_.boxes()) moved = meet(*box, by_fiber) || moved;
      judge_.check_receipts();
      if (!moved) return;
    }
    violated("the world does not come to rest: things still move after " + std::to_string(rounds_max) + " rounds");
  }

  /// A copied disk is found out sooner or later: what it has goes to the commune, then it is switched off.
  void retire_clones() {
    for (const auto& node : world_.nodes()) {
      if (!node->is_clone || node->revoked || !node->on) continue;
      for (std::size_t i = 0; i < 8; ++i) {
        if (!meet(*node, world_.scenario().fiber)) break;
      }
      node->on = false;
      world_.trace().note(node->name + " is switched off");
    }
  }

  World world_;
  People people_;
  Fiber fiber_;
  Sticks sticks_;
  Judge judge_;
  Faults faults_;
  std::unique_ptr<Radios> radios_;  ///< where the scenario has them
};

}  // namespace

Verdict run(const Scenario& scenario, bool aloud) {
  Trace trace(aloud);
  trace.note(describe(scenario));
  Verdict out;
  try {
    Life life(scenario, trace);
    life.run();
  } catch (const Violation& violation) {
    out.violation = violation.what;
    trace.note("VIOLATION: " + violation.what);
  }
  out.digest = trace.digest();
  out.events = trace.events();
  out.last_events = trace.last();
  return out;
}

}  // namespace khuoi::sim
