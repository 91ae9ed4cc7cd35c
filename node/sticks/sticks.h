#pragma once

#include <map>

#include "node/sticks/stick_mounter.h"
#include "node/sticks/stick_watch.h"

namespace khuoi::node {

/// How a service gets at sticks: watched folders, and those it mounts itself.
struct StickSources {
  std::vector<std::filesystem::path> folders;
  bool mounting = false;  ///< through udisks2
  [[nodiscard]] bool any() const { return mounting || !folders.empty(); }
};

/// All sticks of a service. When one of several is pulled, the news of another follow, so that whoever shows the last
/// news shows what is still plugged in.
class Sticks final {
 public:
  /// `tell` is called on several threads, one call at a time: hand over and return.
  Sticks(Engine& engine, const StickSources& sources, TellStickNews tell);
  /// Ends between two bundles. Waits.
  void stop();

 private:
  void pass_on(const StickNews& news);

  TellStickNews tell_;
  std::mutex mutex_;
  std::map<std::filesystem::path, StickNews> plugged_in_;
  std::unique_ptr<StickWatch> watch_;
  std::unique_ptr<mounts::StickMounter> mounter_;
};

}  // namespace khuoi::node
