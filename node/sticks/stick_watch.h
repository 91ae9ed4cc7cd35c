#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "node/sticks/stick_news.h"

namespace khuoi::node {

/// Syncs sticks as they are plugged in, on a thread of its own: looks once a second whether something is mounted at a
/// watched folder, whether the bundles there changed, or something was written here since. Below /media, /run/media and
/// /mnt an empty mount point is no stick; elsewhere any folder is one, for whoever carries folders by other means.
class StickWatch final {
 public:
  /// `tell` is called on the watch's thread: hand over and return.
  StickWatch(Engine& engine, std::vector<std::filesystem::path> folders, TellStickNews tell = {});
  ~StickWatch();
  StickWatch(const StickWatch&) = delete;
  StickWatch& operator=(const StickWatch&) = delete;
  /// Ends between two bundles. Waits.
  void stop();

 private:
  struct Watched {
    std::filesystem::path folder;
    std::string seen;           ///< how it looked after the last sync
    std::uint64_t commits = 0;  ///< of the engine, after the last sync
    Instant synced{};
  };
  void run();
  void look_at(Watched& watched);
  void sync_with(Watched& watched, bool put_in);

  Engine& engine_;
  std::vector<Watched> watched_;
  TellStickNews tell_;
  std::atomic<std::uint64_t> commits_ = 0;
  Engine::Listener listener_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace khuoi::node
