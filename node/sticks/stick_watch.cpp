#include "node/sticks/stick_watch.h"

#include <sys/stat.h>

#include <algorithm>

#include "node/engine/log.h"
#include "node/sticks/mountinfo.h"

namespace khuoi::node {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds look_every{1};
/// What people write here goes onto a stick that stays plugged in, but not form by form.
constexpr std::chrono::seconds between_own_changes{5};
constexpr std::size_t names_looked_at = 4096;

bool is_stick(const fs::path& folder, const struct stat& here) {
  if (!mounts::is_place_of_sticks(folder.string())) return true;
  struct stat above {};
  std::error_code ignored;
  const bool mounted = ::stat((folder / "..").c_str(), &above) == 0 && above.st_dev != here.st_dev;
  return mounted || fs::is_directory(folder / "KHUOI", ignored);
}

/// Changes when another stick is there, or its bundles are not those of before. Empty without a stick.
std::string look_of(const fs::path& folder) {
  struct stat here {};
  if (::stat(folder.c_str(), &here) != 0 || !S_ISDIR(here.st_mode) || !is_stick(folder, here)) return {};
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator at(folder / "KHUOI", failed);
       !failed && at != fs::directory_iterator() && names.size() < names_looked_at; at.increment(failed)) {
    if (at->path().extension() != ".kbn") continue;
    struct stat bundle {};
    if (::lstat(at->path().c_str(), &bundle) != 0) continue;
    names.push_back(at->path().filename().string() + ":" + std::to_string(bundle.st_size) + ":" +
                    std::to_string(bundle.st_mtim.tv_sec));
  }
  std::ranges::sort(names);
  std::string out = std::to_string(here.st_dev) + ":" + std::to_string(here.st_ino);
  for (const std::string& name : names) out += "\n" + name;
  return out;
}

}  // namespace

StickWatch::StickWatch(Engine& engine, std::vector<fs::path> folders, TellStickNews tell)
    : engine_(engine), tell_(std::move(tell)) {
  if (!tell_) tell_ = [](const StickNews&) {};
  for (fs::path& folder : folders) watched_.push_back({std::move(folder), {}, 0, {}});
  listener_ = engine_.on_commit([this] { ++commits_; });
  thread_ = std::thread([this] { run(); });
}

StickWatch::~StickWatch() { stop(); }

void StickWatch::stop() {
  if (stopping_.exchange(true)) return;
  engine_.forget(listener_);
  { const std::lock_guard held(mutex_); }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void StickWatch::run() {
  while (!stopping_) {
    for (Watched& watched : watched_) {
      if (!stopping_) look_at(watched);
    }
    std::unique_lock held(mutex_);
    changed_.wait_for(held, look_every, [&] { return stopping_.load(); });
  }
}

void StickWatch::look_at(Watched& watched) {
  const std::string look = look_of(watched.folder);
  if (look.empty()) {
    if (!watched.seen.empty()) {
      log_info("stick_gone", {{"folder", watched.folder.string()}});
      tell_({.what = StickNews::What::none, .folder = watched.folder});
    }
    watched.seen.clear();
    return;
  }
  const Instant now = engine_.now().monotonic;
  const bool written_here = commits_ != watched.commits && now - watched.synced > between_own_changes;
  if (look == watched.seen && !written_here) return;
  sync_with(watched, look != watched.seen);
}

void StickWatch::sync_with(Watched& watched, bool put_in) {
  const StickNews news = visit_stick(engine_, watched.folder, {.folder = watched.folder, .put_in = put_in}, tell_,
                                     [this] { return stopping_.load(); });
  watched.seen = look_of(watched.folder);
  watched.commits = commits_;
  watched.synced = engine_.now().monotonic;
  tell_(news);
}

}  // namespace khuoi::node
