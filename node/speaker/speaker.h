#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>

#include "node/engine/engine.h"
#include "node/speaker/voice.h"
#include "sync/bulletin/announcer.h"

namespace khuoi::speaker {

/// Takes an announcement from the store to the ear: what `announcer` grants is committed as played, and only then sounds.
/// One owner at a time; blocks. `speaker::Speaker` has one on a thread of its own, a single command another.
class Announcing final {
 public:
  Announcing(node::Engine& engine, std::filesystem::path data, const Config& config);

  /// What may be spoken now by itself, and when to ask again.
  Result<sync::Announcer::Plan> plan();
  /// What was committed as played, and is to sound now.
  struct Begun {
    sync::Ref ref;
    sync::AnnouncementContent content;
    sync::Items::Playing playing;
  };
  /// Commits that it was played. Errors: denied (why it stays silent), not_found, unsupported (no loudspeaker here: nothing
  /// is committed), what the store says.
  Result<Begun> begin(const sync::Ref& ref, sync::Announcer::Who who);
  /// Takes back what begin() committed: it failed before a word of it sounded.
  Result<void> not_heard(const sync::Ref& ref, const sync::Items::Playing& playing);
  /// Tells the commune that it is due and that nobody can hear it, since there is no loudspeaker.
  Result<void> no_sound(const sync::Ref& ref);
  /// The clip if it came, is whole and can be played, else the text. `words` becomes true once somebody may have heard a
  /// word of it.
  Result<Ended> sound(const sync::AnnouncementContent& content, const GiveUp& give_up, bool& words);
  [[nodiscard]] const Voice& voice() const { return voice_; }

 private:
  Result<std::optional<std::filesystem::path>> fetch_clip(const sync::FileFacts& clip);

  node::Engine& engine_;
  Voice voice_;
  sync::Announcer announcer_;
};

/// The loudspeaker of a service, on a thread of its own: speaks at the slots, at once when an emergency arrives (it
/// interrupts what is being said, which is said again afterwards), and what people ask for. Every member may be called
/// from any thread but the engine's turns.
class Speaker final {
 public:
  Speaker(node::Engine& engine, Config config);
  ~Speaker();
  Speaker(const Speaker&) = delete;
  Speaker& operator=(const Speaker&) = delete;
  /// Ends what sounds, and the thread. Waits. Idempotent.
  void shut_down();

  /// A person pressed play: it is committed as played when this returns, and sounds next. What never comes to sound,
  /// because it fails, or of a stop or an end before its turn, is taken back.
  /// Errors: denied, not_found, closed, unsupported (no loudspeaker), what the store says.
  Result<void> play(const sync::Ref& ref);
  /// Says a sentence that is no announcement, such as a dossier's number. Queued; at most 16 wait, further ones are
  /// refused with `busy`, without a loudspeaker with `unsupported`.
  Result<void> say(std::string text);
  /// After all that waits; dropped when much does.
  void chime(Chime which);
  /// The stop button: silence now, nothing of what people asked for is left, and for the length of a slot nothing but an
  /// emergency speaks by itself.
  void stop();

  struct Status {
    bool speaking = false;
    std::optional<sync::Ref> announcement;  ///< that is being said
    std::string problem;                    ///< why the last sound could not be made; empty after one that could
    bool sound = true;                      ///< false: this box has no loudspeaker, and `problem` says so
  };
  [[nodiscard]] Status status() const;
  /// False: says by itself nothing at all, only what people ask for.
  [[nodiscard]] bool enabled() const { return config_.enabled; }
  /// `listener` is called whenever the status changed, on the thread that changed it: hand over and return. Empty: no
  /// more; waits for a call that is under way.
  void on_change(std::function<void()> listener);
  /// For the pages' read-aloud; on the caller's thread.
  [[nodiscard]] const Voice& voice() const { return announcing_.voice(); }
  [[nodiscard]] const sync::SpeakingTimes& times() const { return config_.times; }

 private:
  struct Wanted {
    std::variant<Announcing::Begun, std::string, Chime> what;
  };
  struct Unheard {
    sync::Ref ref;
    sync::Items::Playing playing;
  };
  void run();
  enum class Which : std::uint8_t { all, emergencies };
  void speak_what_is_due(Which which);
  [[nodiscard]] bool may_speak_now(const sync::Announcer::Due& due, Which which) const;
  void make(const Wanted& wanted);
  Result<Ended> sound(const Wanted& wanted, const GiveUp& give_up, bool& words);
  void drop_wanted();
  void take_back_unheard();
  bool emergency_came();
  std::optional<Wanted> next_wanted();
  Result<void> enqueue(Wanted wanted);
  void set_status(Status status);

  node::Engine& engine_;
  Config config_;
  Announcing announcing_;
  node::Engine::Listener listener_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Wanted> wanted_;
  std::deque<Unheard> unheard_;  ///< committed as played, and nobody heard it: to be taken back
  Status status_;
  bool news_ = true;        ///< something was committed since the last plan
  std::uint64_t stops_ = 0; ///< how often the stop button was pressed
  bool ending_ = false;

  std::optional<std::chrono::steady_clock::time_point> quiet_until_;

  std::mutex telling_;
  std::function<void()> tell_;

  std::optional<std::chrono::steady_clock::time_point> plan_at_;  ///< the thread's own
  std::thread thread_;
};

}  // namespace khuoi::speaker
