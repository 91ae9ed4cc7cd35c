#include "sim/faults.h"

#include <algorithm>
#include <array>

namespace khuoi::sim {

Node* Faults::some_box() {
  const auto boxes = world_.boxes();
  return boxes.empty() ? nullptr : boxes[world_.rng().below(boxes.size())];
}

void Faults::restore(Node& node) {
  const std::size_t which = world_.rng().below(node.backups.size());
  world_.trace().note("fault: " + node.name + " is set back to its backup " + std::to_string(which));
  if (world_.on_restart) world_.on_restart(node);
  node.set_back = true;
  node.replica.reset();
  node.store->replace(node.backups[which].store->clone());
  world_.restart(node, "a restore");
  if (node.is_commune()) {
    world_.ledger().commune_restored(*sure(node.store->begin_read(), "read"));
  } else {
    judge_.forget_beliefs(node);
  }
  // `khuoi restore` lets the node say that it was set back; whoever swaps disks does not.
  const bool told = world_.rng().below(2) == 0;
  if (told) {
    auto work = sure(node.replica->begin(world_.now(node)), "begin");
    sure(node.replica->receipts().note_restored(work.batch()), "note_restored");
    sure(work.commit(), "commit");
  }
  people_.excuse_lost();
}

bool Faults::act() {
  const Scenario& scenario = world_.scenario();
  SeededRng& rng = world_.rng();
  Node* box = some_box();
  Node& anyone = box == nullptr || rng.below(3) == 0 ? world_.commune() : *box;
  if (world_.strikes(scenario.clean_restart)) {
    sure(anyone.replica->close(world_.now(anyone)), "close");
    world_.restart(anyone, "a clean stop");
    return true;
  }
  if (world_.strikes(scenario.clock_jump)) {
    const std::array<std::int64_t, 4> errors{0, -1'790'000'000, 315'360'000, -86'400};
    anyone.clock_error_seconds = errors.at(rng.below(errors.size()));
    world_.trace().note("fault: " + anyone.name + ": its clock is wrong by " +
                        std::to_string(anyone.clock_error_seconds) + " s");
    return false;
  }
  if (box == nullptr) return false;
  const bool backs_up = (scenario.restore_hamlet.of != 0 || scenario.clone_hamlet.of != 0) && rng.below(12) == 0;
  if (backs_up && !world_.calm()) world_.make_backup(*box);
  const bool commune_backs_up = scenario.restore_commune.of != 0 && rng.below(16) == 0;
  if (commune_backs_up) world_.make_backup(world_.commune());
  if (!box->backups.empty() && world_.strikes(scenario.restore_hamlet)) {
    restore(*box);
    return true;
  }
  if (!world_.commune().backups.empty() && world_.strikes(scenario.restore_commune)) {
    restore(world_.commune());
    return true;
  }
  const bool has_clone = std::ranges::any_of(
      world_.nodes(), [&](const auto& node) { return node->is_clone && node->hamlet == box->hamlet; });
  if (!has_clone && world_.strikes(scenario.clone_hamlet)) {
    world_.trace().note("fault: " + box->name + "'s disk is copied, and both run");
    world_.add_clone(*box);
    return true;
  }
  if (world_.boxes().size() > 1 && world_.strikes(scenario.revoke)) {
    people_.revoke(*box);
    return true;
  }
  return false;
}

}  // namespace khuoi::sim
