#pragma once

#include <deque>
#include <map>
#include <utility>

#include "radio/erasure.h"
#include "radio/symbol_loss.h"
#include "radio/object_frames.h"
#include "radio/timing.h"
#include "sync/base/radio_work.h"

namespace khuoi::radio {

/// Of the commune: one object on its way to all hamlets at once. Rounds of symbols, each followed by the hamlets' turns
/// to report; as many symbols again as the worst of them lacks; a poll of those that were not heard. Borrows both
/// references for its life.
class ObjectOut final {
 public:
  ObjectOut(FrameKeys& keys, const Timing& timing) : keys_(keys), timing_(timing) {}

  /// Listeners that are there already report their whole round. Precondition: !busy(). An object that is too large
  /// for the frames of this air, or has no listener, is over at once.
  void begin(RadioWorkDone::Object object);
  [[nodiscard]] bool busy() const { return code_.has_value(); }
  [[nodiscard]] bool urgent() const { return busy() && object_.urgent; }
  /// A round is under way: nothing else is to come between its symbols.
  [[nodiscard]] bool in_round() const { return busy() && left_ != 0 && begun_; }

  enum class Next : std::uint8_t { nothing, symbol, poll };
  [[nodiscard]] Next next(Instant now) const;
  [[nodiscard]] std::size_t next_octets(Instant now) const;
  Bytes say(Instant now);
  /// Reports may come until then: nobody else is to speak.
  [[nodiscard]] std::optional<Instant> listens_until() const { return listens_until_; }

  /// What a report of that hamlet has to be bound to, if it says that it lacks nothing. Nothing: it is of another
  /// object.
  [[nodiscard]] const StreamDigest* digest_of(const Report& report) const;
  void on_report(Instant now, RadioAlias alias, const Report& report);
  /// Turns that are over.
  void tick(Instant now);
  /// Its associations are over, or it left.
  void forget(RadioAlias alias);
  void drop();

  using Told = RadioWork::Told;
  std::vector<Told> take_told() { return std::exchange(told_, {}); }

 private:
  struct Listener {
    std::optional<std::uint8_t> lacking;  ///< by its last report
    bool reported = false;                ///< in this round
    unsigned polls = 0;                   ///< without an answer
    unsigned rounds = 0;                  ///< in which it lacked some
  };
  void begin_round(std::size_t symbols);
  void end_round();
  void listen(Instant now, std::size_t turns);
  void over(RadioAlias alias, Told::How how);
  [[nodiscard]] std::size_t round_size() const;
  [[nodiscard]] bool all_reported() const;
  [[nodiscard]] std::size_t polled_at_once() const;

  FrameKeys& keys_;
  const Timing& timing_;
  RadioWorkDone::Object object_;
  std::optional<ErasureCode> code_;
  StreamDigest digest_{};
  ObjectName name_;
  std::map<RadioAlias, Listener> listeners_;
  SymbolLoss loss_;
  std::deque<StreamDigest> known_;  ///< objects that were sent before
  std::size_t left_ = 0;            ///< symbols to be sent in this round
  std::size_t sent_ = 0;            ///< of the object
  bool begun_ = false;              ///< this round
  bool to_poll_ = false;
  std::vector<RadioAlias> polled_;
  std::optional<Instant> listens_until_;
  std::vector<Told> told_;
};

}  // namespace khuoi::radio
