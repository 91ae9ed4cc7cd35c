#pragma once

#include <optional>

#include "radio/timing.h"
#include "sync/base/rng.h"

namespace khuoi::radio {

/// When a node speaks to one other: the pause before its next word, the answer that it awaits, failures in a row, and
/// the burst that it was granted. What it says is the peer's to say. Borrows both references for its life.
class Pace final {
 public:
  Pace(const Timing& timing, Rng& rng, Instant now) : timing_(timing), rng_(rng), speak_at_(now) {}

  [[nodiscard]] Micros random_up_to(Micros limit) const;

  // --- pauses
  void speak_at(Instant when) { speak_at_ = when; }
  void speak_not_before(Instant when) { speak_at_ = std::max(speak_at_, when); }
  /// Between half of it and one and a half.
  void pause(Instant now, Micros how_long);
  /// The other side answered another node; the air is that one's until then. This node speaks within so many frames'
  /// time afterwards, more after words without an answer: others may wait for the same moment.
  void put_off(Instant now, Instant until, unsigned frames);
  [[nodiscard]] Instant speaks_from() const { return speak_at_; }
  [[nodiscard]] bool may_speak(Instant now) const { return !answer_by_ && now >= speak_at_; }

  // --- answers
  /// A word of so many octets, or the last frame of a burst, goes on the air now: an answer is awaited.
  void said(Instant now, std::size_t octets);
  /// It came, with a grant perhaps.
  void answered(Instant now, const Grant& grant);
  /// Any frame of the other side came.
  void heard(Instant now) { heard_at_ = now; }
  /// Deadlines that passed. `unanswered`: something was said that no answer covers. True: no answer came in time.
  bool tick(Instant now, bool unanswered);
  /// Nothing is under way any more.
  void drop();
  void forgive() { failures_ = 0; }
  [[nodiscard]] bool awaits() const { return answer_by_.has_value(); }
  [[nodiscard]] unsigned failures() const { return failures_; }
  [[nodiscard]] Instant said_at() const { return said_at_; }
  [[nodiscard]] std::optional<Instant> heard_at() const { return heard_at_; }
  /// When tick() has something to do.
  [[nodiscard]] std::optional<Instant> deadline() const;

  // --- the burst that was granted
  [[nodiscard]] bool in_burst(Instant now) const { return burst_left_ != 0 && now < burst_until_; }
  /// It was heard lately, and answered nobody else: nobody else waits for the air.
  [[nodiscard]] bool has_it_alone(Instant now) const;
  /// Nobody granted it.
  void begin_burst(Instant now, unsigned frames);
  /// Before that the other side may not listen with the burst's spreading factor.
  [[nodiscard]] Instant burst_from() const { return burst_from_; }
  [[nodiscard]] std::uint8_t burst_spreading_factor() const { return burst_factor_; }
  /// Its next frame is its last one.
  [[nodiscard]] bool burst_ends() const { return burst_left_ == 1; }
  /// Frames before this one had their turn in it.
  [[nodiscard]] std::uint32_t burst_next() const { return burst_next_; }
  void sent_of_burst(std::uint32_t counter);
  void end_burst() { burst_left_ = 0; }

 private:
  void failed(Instant now);

  const Timing& timing_;
  Rng& rng_;
  Instant speak_at_;
  std::optional<Instant> answer_by_;  ///< an answer is awaited
  Instant said_at_{};                 ///< when the newest frame was off the air
  unsigned failures_ = 0;             ///< in a row
  AnswerTime answer_time_;
  std::optional<Instant> heard_at_;
  std::optional<Instant> busy_at_;  ///< when the other side last answered another node
  unsigned burst_left_ = 0;         ///< frames
  std::uint8_t burst_factor_ = 0;
  Instant burst_from_{};
  Instant burst_until_{};
  std::uint32_t burst_next_ = 0;
};

}  // namespace khuoi::radio
