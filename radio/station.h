#pragma once

#include <map>
#include <set>

#include "radio/duty.h"
#include "radio/listeners.h"
#include "radio/modem/modem.h"
#include "radio/object_in.h"
#include "radio/object_out.h"
#include "radio/peer.h"
#include "radio/relay_choice.h"
#include "radio/repeater.h"
#include "radio/snr_memory.h"
#include "radio/stillness.h"

namespace khuoi::radio {

/// One node on the air: decides which frame goes when. It never sees a modem, a clock or a record.
///
/// The driver's rule: give every heard frame to on_frame; do what take_work() asks in one commit, one work at a time,
/// and then call done() or failed(); while the modem is free, call the ledger's ended(), then tick() and next() of the
/// same moment: if it gives a frame, write the ledger and sync it where it is unsaved(), then hand the frame over. After
/// each of these, arm one timer at wake(). A modem that hears one spreading factor is told listens_at() between tick()
/// and next(), each time that it changed, and is asked again whether it is free. Early and repeated calls are harmless.
/// Threads: none; one owner.
class Station final {
 public:
  struct Config {
    bool commune = false;
    Timing timing;
    Channel base = {};       ///< on which it speaks where nothing else is said
    bool hears_all = false;  ///< every spreading factor, and other frequencies
    bool hidden = false;     ///< of a hamlet: a technician knows that the commune does not hear it
  };
  /// Borrows all for its life.
  Station(Config config, FrameKeys& keys, Rng& rng, DutyLedger& ledger);
  Station(const Station&) = delete;
  Station& operator=(const Station&) = delete;

  /// Of the commune: the hamlets in force. Of a hamlet: itself. Those that were there stay as they are.
  void set_peers(Instant now, const std::vector<RadioAlias>& aliases);
  /// A faster way reaches these now. Of the commune: nothing is begun for them, and what goes to all is not repaired for
  /// them. Of a hamlet, itself: it makes no reports.
  void set_served(Instant now, const std::set<RadioAlias>& aliases);
  /// Whose keys these are was changed: every association is over.
  void drop_associations(Instant now);
  void on_frame(Instant now, ByteView octets, const Signal& signal);
  /// Records were written here.
  void on_local_change();
  /// What to do in the next commit; empty while one is under way, or when there is nothing.
  RadioWork take_work(Instant now);
  void done(Instant now, RadioWorkDone done);
  /// The work that was taken was not committed. None is asked for until a pause is over, which doubles each time.
  void failed(Instant now);

  /// What is over by now is over: bursts, turns, rounds.
  void tick(Instant now);
  /// The frame to be sent now, its time taken from the ledger; on channel().
  std::optional<Bytes> next(Instant now);
  /// Of the frame that next() gave last.
  [[nodiscard]] const Channel& channel() const { return channel_; }
  /// The spreading factor that a modem is to hear now, and to send with, if it has but one at a time.
  [[nodiscard]] unsigned listens_at(Instant now) const;
  /// When to call next() and take_work() again, if nothing happens before.
  [[nodiscard]] std::optional<Instant> wake(Instant now) const;

  struct PeerFigures {
    RadioAlias alias = 0;
    bool associated = false;
    std::optional<Instant> heard_at;
    std::optional<Signal> signal;  ///< of the last frame
    std::size_t octets_waiting = 0;
    unsigned failures = 0;       ///< words without an answer, in a row
    bool relayed = false;        ///< a neighbour passes its frames on
    unsigned burst_factor = 0;   ///< spreading factor of the last burst that it granted; 0: that of all else
    Micros spent{};              ///< on the air with it, as this node reckons
    unsigned loss_permille = 0;  ///< of the last hundred frames or so that were said to it
  };
  struct Figures {
    std::uint64_t frames_out = 0, frames_in = 0, frames_junk = 0;
    std::optional<Instant> blocked_until;  ///< the hour is used up until then
    std::vector<PeerFigures> peers;
  };
  [[nodiscard]] Figures figures() const;

 private:
  struct One {
    std::unique_ptr<Timing> timing;  ///< on the channel on which it calls
    std::unique_ptr<Peer> peer;      ///< borrows timing
    std::optional<Signal> signal;
    SnrMemory snr;
    std::optional<Channel> channel;  ///< on which it calls, as far as it was heard
    bool granted_again = false;      ///< nothing has come since
  };
  /// A burst that this node granted: it keeps still.
  struct Turn {
    RadioAlias alias = 0;
    std::uint8_t spreading_factor = 0;  ///< 0: that of all else
    Instant until{};
  };
  void overhear(Instant now, const Frame& frame);
  void keep_still(Instant now, Instant until);
  bool on_report(Instant now, const Frame& frame);
  bool on_relaying(Instant now, const Frame& frame);
  void end_turn(Instant now, bool anything);
  void on_data(Instant now, Peer& peer);
  std::optional<Bytes> answer_one(Instant now);
  std::optional<Bytes> speak(Instant now, Peer::Next what);
  std::optional<Bytes> report(Instant now);
  std::optional<Bytes> tell_all(Instant now);
  std::optional<Bytes> pass_on(Instant now);
  std::optional<Bytes> appoint(Instant now);
  /// On that channel it goes, with that priority.
  bool take(Instant now, std::size_t octets, bool urgent, const Channel& channel);
  [[nodiscard]] Channel channel_of(RadioAlias alias) const {
    const auto found = peers_.find(alias);
    return found == peers_.end() ? config_.base : found->second.channel.value_or(config_.base);
  }
  [[nodiscard]] const Timing& timing_of(RadioAlias alias) const {
    const auto found = peers_.find(alias);
    return found == peers_.end() ? config_.timing : *found->second.timing;
  }
  [[nodiscard]] Grant grant_for(Instant now, const Peer& peer);
  void note_signal(One& one, const Signal& signal);
  [[nodiscard]] std::vector<RadioAlias> joined() const;
  [[nodiscard]] bool is_tuned_for(Instant now, const Peer& with) const;
  [[nodiscard]] bool alone(Instant now, const Peer& with) const;
  [[nodiscard]] bool is_mine(RadioAlias alias) const { return peers_.contains(alias); }

  Config config_;
  FrameKeys& keys_;
  Rng& rng_;
  DutyLedger& ledger_;
  AssociationId next_id_ = 1;
  std::map<RadioAlias, One> peers_;
  std::optional<Turn> turn_;
  bool turn_heard_ = false;  ///< something of its burst came
  Stillness still_;
  std::optional<Instant> blocked_until_;
  bool working_ = false;
  Instant works_from_{};  ///< after works that failed
  unsigned works_failed_ = 0;  ///< in a row
  std::vector<RadioAlias> in_work_;
  std::set<RadioAlias> served_;  ///< by a faster way
  // What goes to all: of the commune, and of a hamlet.
  Channel object_channel_;
  Timing object_timing_;  ///< on object_channel_
  ObjectOut object_out_;
  Listeners listeners_;
  bool looks_when_done_ = false;  ///< the work tells of a hamlet that lives in a new association
  std::vector<RadioWork::Told> told_in_work_;
  std::optional<ObjectIn> object_in_;
  // Of the commune: who passes frames on for whom; of a hamlet: what it passes on.
  RelayChoice relays_;
  std::optional<Repeater> repeater_;
  Channel channel_;
  Instant retuned_at_{};  ///< after a burst with another spreading factor the other side hears nothing before
  Figures figures_;
};

}  // namespace khuoi::radio
