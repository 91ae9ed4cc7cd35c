#include "sync/log/held_of.h"

namespace khuoi::sync {

void HeldOf::note(const RunId& run, std::uint64_t sequence) {
  std::erase_if(changed, [&](const auto& one) { return one.first == run; });
  changed.emplace_back(run, sequence);
  if (changed.size() <= listed_max) return;
  listed_after = changed.front().second;
  changed.erase(changed.begin());
}

}  // namespace khuoi::sync
