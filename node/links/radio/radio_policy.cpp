#include "node/links/radio/radio_policy.h"

namespace khuoi::node {

bool RadioPolicy::look(const Seen& seen) {
  fiber_at_.reset();
  if (seen.fiber_up) {
    goes_ = RadioGoes::nothing;
    return seen.now && hours_.note_up(*seen.now);
  }
  if (seen.now && wait_ > std::chrono::hours(0)) fiber_at_ = hours_.expected(*seen.now, wait_);
  goes_ = fiber_at_ ? RadioGoes::urgent : RadioGoes::all;
  return false;
}

}  // namespace khuoi::node
