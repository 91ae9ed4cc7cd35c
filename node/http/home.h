#pragma once

#include <mutex>
#include <string>

#include "node/http/sessions.h"
#include "node/service/stick_watch.h"

namespace khuoi::http {

class Counter;

/// What the home page shows at a glance, made anew after commits and as sticks come and go, and told to every page that
/// listens. Counts are of the viewer's domains alone. Threads: any.
class HomeBoard final {
 public:
  explicit HomeBoard(Counter& counter);
  ~HomeBoard();

  /// One JSON document.
  Result<std::string> text(const Viewer& viewer);
  void stick_news(const node::StickNews& news);
  /// Something may have changed: looked at soon, once for many changes.
  void touch();
  /// No further looking.
  void stop();

 private:
  struct Facts;
  void look();
  Result<Facts> facts(const Viewer& viewer);
  Counter& counter_;
  std::mutex mutex_;
  node::StickNews stick_;
  std::uint64_t items_told_ = 0;
  bool touched_ = false;
  bool stopped_ = false;
  node::Engine::Listener listener_ = 0;
  std::map<int, std::string> told_;  ///< by domains: what was last told
};

}  // namespace khuoi::http
