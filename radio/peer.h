#pragma once

#include <memory>

#include "radio/answering.h"
#include "radio/calls.h"
#include "radio/loss.h"
#include "radio/pace.h"
#include "radio/relay_need.h"

namespace khuoi::radio {

/// One other node on the air: the associations with it, what it is owed, and when this node may speak to it. Whether
/// the air is free is the station's to say.
class Peer final {
 public:
  using Self = Associations::Self;
  Peer(const Self& self, RadioAlias alias, Instant now);

  /// What a frame with its alias was.
  enum class Heard : std::uint8_t {
    nothing,  ///< junk, a replay, or known already
    data,     ///< some of its stream
    word,     ///< a JOIN or ASK: it waits for an answer
    answer,   ///< an ACK or WELCOME
  };
  Heard on_frame(Instant now, const Frame& frame);
  /// Of the commune: a report of its own on what went to all.
  std::optional<Report> on_report(Instant now, const Frame& frame, const ObjectOut& object);
  /// A frame for which nothing more than its MAC is looked at here.
  bool on_control(Instant now, const Frame& frame);
  /// Of the commune: whether something faster reaches it, so that nothing begins here. What is under way goes on, and it
  /// is answered.
  void rest(Instant now, bool rests);
  /// Of a hamlet: a frame of the commune came that no neighbour passes on.
  void heard_without_help() { relay_need_.heard_without_help(); }
  /// Deadlines that passed.
  void tick(Instant now);

  // --- what to send to it
  enum class Next : std::uint8_t { nothing, word, burst };
  [[nodiscard]] Next next(Instant now) const;
  /// Of that frame. `left`: of the hour; a new frame of a burst that takes longer is cut short, if it is worth it.
  [[nodiscard]] std::size_t next_octets(Instant now, Micros left = Micros::max()) const;
  [[nodiscard]] bool urgent() const;
  /// It asks again for the answer to what it said, for the first time, and repeats nothing.
  [[nodiscard]] bool next_asks_once(Instant now) const;
  /// The frame of next(). A new one of a burst has at most so many octets, and is the last of it if they cut it short.
  Bytes say(Instant now, std::size_t octets_max = frame_handed_max);
  /// Of a hamlet, while it is associated: on what went to all; `has` if it lacks nothing of that.
  Bytes report(const Report& report, const std::optional<StreamDigest>& has);
  /// Of the burst that is granted to this node and not over; 0: that of the base.
  [[nodiscard]] unsigned burst_spreading_factor(Instant now) const;
  /// Of the last burst that was granted to this node, be it over; 0: that of the base.
  [[nodiscard]] unsigned last_burst_factor() const { return pace_.burst_spreading_factor(); }
  /// The answers that it waits for.
  [[nodiscard]] Answering& answer() { return answering_; }
  [[nodiscard]] const Answering& answer() const { return answering_; }
  /// It answered another; the air is that one's until then.
  void put_off(Instant now, Instant until);

  // --- records
  /// `blocked`: this node may not send for a while, unless it is urgent.
  void add_work(Instant now, bool blocked, RadioWork& to);
  void on_committed(const RadioWorkDone::Committed& done);
  void on_loaded(Instant now, RadioWorkDone::Loaded done);
  /// A work that concerned it was not committed, or its keys changed.
  void drop_associations(Instant now);
  void on_local_change();

  [[nodiscard]] RadioAlias alias() const { return alias_; }
  /// When tick() has something to do.
  [[nodiscard]] std::optional<Instant> deadline() const { return pace_.deadline(); }
  /// From when on add_work() may ask for more to say.
  [[nodiscard]] std::optional<Instant> loads_from() const;
  /// From when on next() may give something, if nothing happens before.
  [[nodiscard]] std::optional<Instant> speaks_from(Instant now) const;
  [[nodiscard]] std::optional<Instant> heard_at() const { return pace_.heard_at(); }
  [[nodiscard]] bool associated() const { return all_.current() != nullptr; }
  /// Of the commune: it joined, be it that no frame has confirmed that yet.
  [[nodiscard]] bool joined() const { return speaking() != nullptr; }
  /// A neighbour passes frames on between the two.
  [[nodiscard]] bool relayed() const { return speaking() != nullptr && speaking()->relayed; }
  /// The other side lives in an association in which no neighbour passes frames on.
  [[nodiscard]] bool heard_itself() const {
    return all_.pending() == nullptr && all_.current() != nullptr && !all_.current()->relayed;
  }
  /// Of a hamlet, whose association with its commune is in force: a frame of a kind that is counted as answers are.
  Bytes control(FrameType type, ByteView body) { return all_.frames().control(*all_.current(), type, body); }
  [[nodiscard]] unsigned failures() const { return pace_.failures(); }
  [[nodiscard]] std::size_t octets_waiting() const;
  /// Of what is said to it.
  [[nodiscard]] unsigned loss_permille() const {
    return loss_.permille(speaking() == nullptr ? 0 : static_cast<unsigned>(speaking()->out.open().size()));
  }
  Micros spent{};  ///< on the air with it, as the station counts

 private:
  [[nodiscard]] Association* speaking() const { return all_.speaking(); }
  [[nodiscard]] bool joining() const { return all_.joining(); }
  [[nodiscard]] bool may_try_itself(Instant now) const;
  void try_itself(Instant now);
  void note_confirmed(const Association* before);
  Heard look_at(Instant now, const Frame& frame);
  Heard on_join(Instant now, const Frame& frame);
  Heard on_echo(Instant now, const Frame& frame);
  Heard on_call(Instant now, const Frame& frame);
  Heard on_ask(const Frame& frame);
  Heard take_answer(Instant now, const std::optional<Associations::Answer>& answer);
  void begin_joining(Instant now);
  [[nodiscard]] bool has_word(Instant now) const;
  [[nodiscard]] bool bursts_unasked(Instant now) const;
  [[nodiscard]] bool asks() const;
  [[nodiscard]] bool calls() const { return self_.commune && speaking() == nullptr && !rests_; }
  Bytes call(Instant now);

  Self self_;
  const Timing& timing_;
  RadioAlias alias_;
  Associations all_;
  Pace pace_;
  Loss loss_;
  Answering answering_{all_};
  RelayNeed relay_need_;
  FrameMac join_said_{};
  // Speaking.
  Instant join_at_;  ///< a hamlet with nothing to say joins then
  bool more_than_greeting_ = false;
  bool blocked_ = false;
  bool rests_ = false;
  Calls calls_;
  // Records.
  RadioWork work_;
  bool look_for_urgent_ = false;  ///< something was written while this node was blocked
  bool changed_ = false;  ///< something was written since the last load began
  Instant load_at_{};
};

}  // namespace khuoi::radio
