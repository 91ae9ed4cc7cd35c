#pragma once

#include "radio/associations.h"

namespace khuoi::radio {

/// What one other node is answered: in which association it spoke last, whether an answer is owed there, and what may
/// come of the burst that it asks for. Borrows the associations for its life.
class Answering final {
 public:
  explicit Answering(const Associations& all) : all_(all) {}

  /// It spoke in this one.
  void heard_in(const Association& with) { heard_in_ = with.id; }
  /// Its word or burst is over: it waits for an answer.
  void owe() { owed_in_ = heard_in_; }
  [[nodiscard]] bool owed() const { return owed_in_ != 0; }

  [[nodiscard]] bool ready() const;
  /// Before it can be answered, take_arrived() has to hand up what came.
  [[nodiscard]] bool hands_up() const;
  /// Its frames that are to be handed up before an answer; none: nothing is owed, or all was.
  std::optional<RadioWork::Arrived> take_arrived(RadioAlias alias);
  [[nodiscard]] bool its_word_was_urgent() const;

  /// Of the answer with that grant.
  [[nodiscard]] std::size_t octets(const Grant& grant) const;
  Bytes say(const Grant& grant);

  // --- its bursts
  /// The frames that it needs a grant for: what was lost, and what it promised.
  [[nodiscard]] std::uint8_t frames_wanted(std::uint8_t most) const;
  /// Of what came last: more of a burst follows, that nobody granted.
  bool begins_burst();
  /// How many frames of the burst that it was granted can still come.
  [[nodiscard]] unsigned left_of_burst() const;

 private:
  [[nodiscard]] Association* in() const { return all_.find(heard_in_); }
  [[nodiscard]] Association* owed_with() const { return owed_in_ == heard_in_ ? in() : nullptr; }

  const Associations& all_;
  AssociationId heard_in_ = 0;
  AssociationId owed_in_ = 0;  ///< 0: in none
};

}  // namespace khuoi::radio
