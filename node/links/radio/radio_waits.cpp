#include "node/links/radio/radio_waits.h"

#include <utility>

#include "node/engine/log.h"

namespace khuoi::node {

bool RadioWaits::look(bool fiber_up, const Now& now) {
  const RadioGoes before = policy_.goes();
  // What a stick told is days old: only a live answer tells at what time of the day something happens.
  const auto at = told_.is_live() ? told_.at(now) : std::nullopt;
  if (policy_.look({fiber_up, at})) {
    const auto written = file_.write(policy_.hours());
    if (!written && !write_failed_) log_warning("fiber_hours", {{"why", written.error().what}});
    write_failed_ = !written;
  }
  return policy_.goes() < before;
}

void RadioWaits::note_loaded(const RadioWorkDone& done) {
  for (const auto& one : done.loaded) left_[one.alias] = {one.octets_behind, one.octets_held};
}

void RadioWaits::add_to(RadioFacts& facts) const {
  facts.fiber_up = policy_.goes() == RadioGoes::nothing;
  facts.fiber_at = policy_.fiber_at();
  for (const auto& [alias, left] : left_) {
    facts.octets_waiting += left.behind;
    facts.octets_held += left.held;
  }
}

}  // namespace khuoi::node
