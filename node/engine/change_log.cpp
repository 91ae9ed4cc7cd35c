#include "node/engine/change_log.h"

namespace khuoi::node {

void ChangeLog::add(const sync::Changes& changes) {
  if (changes.tables.none()) return;
  const std::lock_guard held(mutex_);
  ++now_;
  latest_.push_back(changes);
  numbers_ += changes.dossiers.size();
  while (latest_.size() > commits_max || (numbers_ > numbers_max && latest_.size() > 1)) {
    numbers_ -= latest_.front().dossiers.size();
    latest_.pop_front();
  }
}

ChangeLog::Since ChangeLog::since(std::uint64_t seen) const {
  const std::lock_guard held(mutex_);
  Since out;
  out.now = now_;
  const std::uint64_t news = now_ - std::min(seen, now_);
  out.all = seen == 0 || news > latest_.size();
  const auto first = latest_.end() - static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(news, latest_.size()));
  for (auto one = first; one != latest_.end(); ++one) {
    out.tables |= one->tables;
    out.dossiers.insert(one->dossiers.begin(), one->dossiers.end());
    out.all = out.all || one->many;
  }
  return out;
}

}  // namespace khuoi::node
