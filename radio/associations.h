#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "radio/join_guard.h"
#include "radio/object_out.h"
#include "radio/pair_frames.h"
#include "sync/base/rng.h"

namespace khuoi::radio {

/// The associations of one pair: the one in force, and one that is to come. Tells by their MACs which frames belong to
/// which, and keeps replays out; when to speak is not its business. Formats: radio/FORMATS.md.
class Associations final {
 public:
  struct Self {
    bool commune = false;
    FrameKeys* keys = nullptr;
    Rng* rng = nullptr;
    AssociationId* next_id = nullptr;
    const Timing* timing = nullptr;
    bool hidden = false;  ///< of a hamlet: somebody who knows said that the commune does not hear it
  };
  Associations(const Self& self, RadioAlias alias)
      : self_(self), frames_(self.commune, *self.keys, *self.timing, alias) {}

  [[nodiscard]] Association* current() const { return current_.get(); }
  /// Of a hamlet: it joins. Of the commune: no frame has confirmed it yet.
  [[nodiscard]] Association* pending() const { return pending_.get(); }
  [[nodiscard]] Association* speaking() const { return pending_ ? pending_.get() : current_.get(); }
  [[nodiscard]] bool joining() const { return !self_.commune && pending_ != nullptr; }
  /// In which answers may be owed; null: it is over.
  [[nodiscard]] Association* find(AssociationId id) const;

  /// Of a hamlet: all are over, and another begins.
  void begin_joining();
  void end_all();
  void end_pending() { end(pending_); }
  std::vector<AssociationId> take_ended() { return std::exchange(ended_, {}); }

  // --- frames of the other side; null, or nothing: they are none of it, or repeated
  Association* on_join(Instant now, const Frame& frame);
  [[nodiscard]] bool is_call(const Frame& frame) const;
  struct Answer {
    Association* with = nullptr;
    Ack ack;
  };
  std::optional<Answer> on_welcome(const Frame& frame);
  std::optional<Answer> on_ack(const Frame& frame);
  Association* on_data(const Frame& frame);
  /// Of any kind that is counted as answers are, and bound to nothing.
  Association* on_control(const Frame& frame) { return on_bound(frame, std::nullopt); }
  std::optional<Report> on_report(const Frame& frame, const ObjectOut& object);

  [[nodiscard]] const PairFrames& frames() const { return frames_; }

 private:
  Association* on_bound(const Frame& frame, const std::optional<StreamDigest>& implied);
  [[nodiscard]] std::array<Association*, 2> in_use() const;
  [[nodiscard]] bool may_welcome(Instant now, const HamletToken& token);
  Association* confirm(Association* with);
  void end(std::unique_ptr<Association>& association);

  Self self_;
  PairFrames frames_;
  std::unique_ptr<Association> current_, pending_;
  JoinGuard joins_;
  std::vector<AssociationId> ended_;
};

}  // namespace khuoi::radio
