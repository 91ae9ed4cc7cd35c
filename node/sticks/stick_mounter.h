#pragma once

#include <thread>

#include "node/sticks/file_system.h"
#include "node/sticks/stick_news.h"
#include "node/sticks/udisks.h"

namespace khuoi::mounts {

/// Mounts sticks as they are plugged in, through udisks2, syncs them, and unmounts them before it says that they may be
/// pulled. A stick that stays in is mounted again when something was written here that it lacks. Where there is no
/// udisks2 it says so once in the log, and waits for one to appear. All on a thread of its own; sticks one after
/// another.
class StickMounter final {
 public:
  /// `tell` is called on the mounter's thread: hand over and return.
  StickMounter(node::Engine& engine, node::TellStickNews tell);
  ~StickMounter();
  StickMounter(const StickMounter&) = delete;
  StickMounter& operator=(const StickMounter&) = delete;
  /// Ends between two bundles, and unmounts. Waits.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  /// One file system of a stick, from when it is plugged in until it is gone.
  struct Part {
    FileSystem at;
    Judgement judgement;
    bool fresh = true;           ///< not dealt with yet
    bool synced = false;         ///< without a fault: worth coming back to
    node::StickMemory memory;    ///< synced: what is on it
    std::uint64_t commits = 0;   ///< of the engine, when that was known to be all
    Clock::time_point looked{};  ///< when that was
  };
  /// What is pulled out as one; by the paths of its parts.
  struct Stick {
    std::string name;
    std::map<std::string, Part> parts;
  };
  struct Place {
    std::string point;
    bool ours = false;  ///< to be unmounted afterwards
  };

  void run();
  void reach_bus();
  void say_why_not(const Error& why);
  void look_around();
  void take_picture(const std::vector<FileSystem>& picture);
  void drop_gone(const std::vector<FileSystem>& picture);
  void visit_sticks();
  [[nodiscard]] bool lacks_something(Part& part);
  void visit(Stick& stick, bool put_in);
  node::StickNews visit_part(Part& part, node::StickNews news);
  Result<Place> place_of(Part& part);
  Result<Place> mount(Part& part);
  void leave(const Part& part, const Place& place);
  [[nodiscard]] std::optional<Clock::time_point> next_look() const;

  node::Engine& engine_;
  node::TellStickNews tell_;
  std::string user_;
  Wake wake_;
  std::unique_ptr<Udisks> bus_;
  std::string said_;  ///< why no sticks are mounted; empty while they are
  std::optional<Clock::time_point> look_at_;
  std::map<std::string, Stick> sticks_;  ///< by the path of the drive
  std::atomic<std::uint64_t> commits_ = 0;
  node::Engine::Listener listener_ = 0;
  std::thread thread_;
};

}  // namespace khuoi::mounts
