#pragma once

#include <functional>

#include "sync/bulletin/bulletin.h"
#include "sync/merge/slots.h"

namespace khuoi::sync {

/// An announcement as a page or a list shows it.
struct AnnouncementEntry {
  Ref ref;
  DossierId id;  ///< what people call it by: announcement_id of its content
  AnnouncementContent content;
  Speak verdict = Speak::never;          ///< now, its signature checked
  bool came_live = false;
  std::vector<Items::Playing> playings;  ///< at this box
  std::optional<UnixSeconds> next;       ///< the slot it waits for, by the clock that the slots go by
  bool gave_up = false;                  ///< ten times nobody could hear it: only a person has it tried again
};

/// Decides what a hamlet's loudspeaker says, and when: design section 7. It makes no sound; node/speaker and tests drive
/// it. Memory: some 200 octets an announcement that was not told from the start to be nonsense. One owner at a time.
class Announcer final {
 public:
  explicit Announcer(const SpeakingTimes& times) : times_(times) {}

  struct Due {
    Ref ref;
    Urgency urgency = Urgency::routine;
    UnixSeconds issued;
    bool told_silent = false;  ///< that nobody could hear it in this slot, or of an emergency ever, is noted already
  };
  struct Plan {
    std::vector<Due> due;          ///< in the order to be spoken: emergencies first, then priority, then as issued
    std::optional<Micros> wake;    ///< from now: when something may become due though nothing new comes
  };
  /// Looks only at what begin() may grant; cheap enough to be asked at every commit. Errors: the store's.
  Result<Plan> plan(Board& board, const ReadTxn& txn, const Now& now);

  enum class Who : std::uint8_t { itself, person };
  /// The signatures and all else are checked again, and that it was played goes into the batch: the sound may start only
  /// after the commit. Gives what to say, and in `noted` what not_heard() takes back.
  /// Errors: denied (with the reason why it stays silent), not_found.
  Result<AnnouncementContent> begin(Bulletin& bulletin, Batch& batch, const Ref& ref, Who who, Items::Playing* noted = nullptr);
  /// What begin() noted failed before its first sample: the commune is told so, and it is tried again by itself, ten times
  /// in all, each time after a longer wait.
  static Result<void> not_heard(Bulletin& bulletin, Batch& batch, const Ref& ref, const Items::Playing& playing);
  /// It would speak by itself now, but this box has no loudspeaker. Noted once a slot, and told to the commune. Errors: as
  /// begin().
  Result<void> no_sound(Bulletin& bulletin, Batch& batch, const Ref& ref);

  /// Those of these items, which stand in the order of their arrival, whose content is wanted. Records that cannot be read
  /// are passed over.
  using Wanted = std::function<bool(const AnnouncementContent& content)>;
  Result<std::vector<AnnouncementEntry>> entries(Board& board, const ReadTxn& txn, const Now& now,
                                                 const std::vector<ItemEntry>& items, const Wanted& wanted) const;
  /// The same in the order the commune wrote them: by its chain of runs (lane_order.h), whatever its clock said and
  /// whatever came first.
  Result<std::vector<AnnouncementEntry>> list(Board& board, const ReadTxn& txn, const Now& now,
                                              const std::vector<ItemEntry>& items, const Wanted& wanted) const;
  /// All that are here.
  Result<std::vector<AnnouncementEntry>> list(Board& board, const ReadTxn& txn, const Now& now) const;
  [[nodiscard]] const SpeakingTimes& times() const { return times_; }

 private:
  struct Candidate {
    Ref ref;
    AnnouncementContent content;  ///< without its text
  };
  struct Moment {
    std::optional<UnixSeconds> trusted;
    std::optional<UnixSeconds> clock;  ///< what the slots go by; none without trusted time
    std::optional<SpeakingSlot> slot;          ///< under way
  };
  Moment moment(Board& board, const Now& now) const;
  Result<void> learn(Board& board, const ReadTxn& txn);
  struct Granted {
    Announcement announcement;
    AnnouncementContent content;
    Items::Playing playing;
    SpeakFacts known;
    ItemEntry item;
    Moment at;
  };
  Result<Granted> looked_at(Board& board, Batch& batch, const Ref& ref) const;
  /// The facts that need no signature.
  static Result<SpeakFacts> facts(Board& board, const ReadTxn& txn, const Ref& ref, const AnnouncementContent& content,
                                  const Moment& moment, bool settled);
  /// Seconds until it is said without its clip; none when it need not wait.
  Result<std::optional<std::int64_t>> wait_for_clip(const ReadTxn& txn, const AnnouncementContent& content,
                                                    const Moment& moment) const;
  /// Until what nobody heard is tried again: none now, a number of seconds, or never again by itself.
  struct Retry {
    bool never = false;
    std::int64_t seconds = 0;
  };
  static Retry retry(const std::vector<Items::Playing>& playings, UnixSeconds now);
  static Result<Announcement> verified(Board& board, const ReadTxn& txn, const Ref& ref);

  SpeakingTimes times_;
  std::uint64_t known_up_to_ = 0;
  std::vector<Candidate> candidates_;
};

/// Whether an announcement speaks in that slot of a day.
inline bool speaks_in(const AnnouncementContent& content, SpeakingSlot slot) {
  return slot.is_afternoon() ? content.afternoon : content.noon;
}

}  // namespace khuoi::sync
