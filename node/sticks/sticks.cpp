#include "node/sticks/sticks.h"

namespace khuoi::node {

Sticks::Sticks(Engine& engine, const StickSources& sources, TellStickNews tell) : tell_(std::move(tell)) {
  const auto pass = [this](const StickNews& news) { pass_on(news); };
  if (!sources.folders.empty()) watch_ = std::make_unique<StickWatch>(engine, sources.folders, pass);
  if (sources.mounting) mounter_ = std::make_unique<mounts::StickMounter>(engine, pass);
}

void Sticks::stop() {
  if (watch_) watch_->stop();
  if (mounter_) mounter_->stop();
}

void Sticks::pass_on(const StickNews& news) {
  const std::lock_guard held(mutex_);
  if (news.what != StickNews::What::none) plugged_in_.insert_or_assign(news.folder, news);
  tell_(news);
  if (news.what != StickNews::What::none) return;
  plugged_in_.erase(news.folder);
  if (plugged_in_.empty()) return;
  StickNews left = plugged_in_.begin()->second;
  left.put_in = false;  // whoever put it in heard of it then
  tell_(left);
}

}  // namespace khuoi::node
