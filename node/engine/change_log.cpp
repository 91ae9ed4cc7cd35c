#include "node/engine/change_log.h"

namespace khuoi::node {

namespace {
std::size_t numbers_in(const sync::Changes& changes) { return changes.dossiers.size() + changes.said.size(); }
}  // namespace

void ChangeLog::add(const sync::Changes& changes) {
  if (changes.tables.none()) return;
  const std::lock_guard held(mutex_);
  ++now_;
  latest_.push_back(changes);
  numbers_ += numbers_in(changes);
  while (latest_.size() > commits_max || (numbers_ > numbers_max && latest_.size() > 1)) {
    numbers_ -= numbers_in(latest_.front());
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
    out.said.insert(one->said.begin(), one->said.end());
    out.all = out.all || one->many;
  }
  return out;
}

}  // namespace khuoi::node
