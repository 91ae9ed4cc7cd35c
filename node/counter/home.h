#pragma once

#include <mutex>
#include <string>

#include "node/people/sessions.h"
#include "node/sticks/stick_watch.h"

namespace khuoi::http {

class Counter;

/// What the home page shows at a glance, made anew after commits, whoever made them, and as sticks come and go; and the one
/// place that tells every page which listens what changed: home, dossiers, announcements, messages, documents. Counts are of the viewer's domains alone. Threads: any.
class HomeBoard final {
 public:
  explicit HomeBoard(Counter& counter);
  ~HomeBoard();

  /// One JSON document.
  Result<std::string> text(const people::Viewer& viewer);
  void stick_news(const node::StickNews& news);
  /// Something may have changed: looked at soon, once for many changes.
  void touch();
  /// No further looking.
  void stop();

 private:
  struct Facts;
  void look_soon();
  void look();
  void tell_items();
  void tell_home();
  Result<Facts> facts(const people::Viewer& viewer);
  Result<std::uint64_t> unplayed(const Facts& facts);

  Counter& counter_;
  std::mutex mutex_;
  node::StickNews stick_;
  std::uint64_t sounds_ = 0;  ///< how often the loudspeaker began or ended
  bool touched_ = false;
  bool stopped_ = false;
  Instant slips_swept_{};
  node::Engine::Listener listener_ = 0;
  std::map<node::Capabilities, std::string> told_;  ///< to those who listen: what they were last told
  std::map<std::string, Bytes> told_items_;  ///< by event: how these items looked then
  /// Announcements that nobody heard yet. Counting opens them, so it is done anew only when they changed, or after a minute,
  /// since they expire.
  struct Unplayed {
    std::uint64_t count = 0;
    Bytes look;
    Instant at{};
  } unplayed_;
};

}  // namespace khuoi::http
