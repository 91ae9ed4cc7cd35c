#pragma once

#include <set>

#include "sync/base/radio_work.h"
#include "sync/contact/giver.h"
#include "sync/contact/radio/elements.h"
#include "sync/peers/radio_marks.h"

namespace khuoi::sync {

/// What both directions of one association know.
struct RadioPeer {
  NodeId node;
  RadioMarks::Start start;               ///< of the other side, as far as it told
  std::vector<Bytes> owed;               ///< elements that go before records
  std::optional<std::uint8_t> serial;    ///< of the commune's statement that the hamlet has: serial_mark()
  std::map<RunKey, RangeSet> confirmed;  ///< records that the other side committed in this association
  std::optional<RadioNote> note;         ///< to go with the next answer
  /// Public records that go by this stream, though others go to all hamlets at once.
  const std::map<RunKey, RangeSet>* alone = nullptr;
};

/// As an element, for a public run with its predecessor whole. Errors: malformed.
Result<RadioOpener> radio_opener(const Sealed& record, std::uint8_t slot);

/// One direction of an association at its sender: what the peer lacks, as elements of a stream.
class RadioOut final {
 public:
  RadioOut(Replica& replica, RadioPeer& peer) : replica_(replica), peer_(peer), giver_(replica, Path::radio) {}

  /// The greeting goes once more, before all else: the time is wanted.
  void greet_again() { greeted_ = false; }
  /// About so many octets, best first; what is owed and a greeting before all else. `alone`: what
  /// goes to all hamlets at once does not reach it.
  Result<std::vector<StreamPiece>> load(Batch& batch, std::size_t octets_max, RadioGoes goes, bool alone);
  /// Octets of records that the last load() left where they are.
  struct Left {
    std::size_t behind = 0;  ///< they go once what was loaded is gone
    std::size_t held = 0;    ///< they wait for something faster
  };
  [[nodiscard]] const Left& left() const { return left_; }
  /// The peer committed these pieces.
  Result<void> confirmed(Batch& batch, const std::vector<std::uint64_t>& names);
  /// It said that with an answer; `fresh`: to the newest frame, just now.
  Result<void> noted(Batch& batch, ByteView octets, bool fresh);

 private:
  struct Group {
    RunKey run;
    std::vector<Sealed> records;
  };
  [[nodiscard]] bool goes_by_radio(const Candidate& candidate) const;
  [[nodiscard]] bool waits_for_all(const Sealed& record) const;
  [[nodiscard]] bool waits(const Candidate& candidate, RadioGoes goes) const;
  Result<std::vector<Group>> choose(const ReadTxn& txn, std::size_t octets_max, RadioGoes goes);
  Result<void> add_run(const ReadTxn& txn, const RunKey& run, std::vector<StreamPiece>& to);
  Result<void> add_group(const ReadTxn& txn, const Group& group, std::vector<StreamPiece>& to);
  Result<Bytes> opener(const ReadTxn& txn, const Sealed& record, std::uint8_t slot) const;
  std::uint8_t take_slot(const RunKey& run);
  Result<RadioGreeting> greeting(Batch& batch);
  void add_roster(std::vector<StreamPiece>& to);
  void add_piece(Bytes octets, std::vector<StreamPiece>& to, const Sealed* record = nullptr);

  Replica& replica_;
  RadioPeer& peer_;
  Giver giver_;
  bool greeted_ = false;
  bool peer_lives_ = false;  ///< under the start of its greeting
  Given given_;
  Left left_;
  bool alone_ = false;
  std::map<RunKey, RangeSet> refused_;
  std::map<RunId, RangeSet> hastened_;
  std::set<RunKey> unknown_;  ///< runs that the peer does not know, whatever it said before
  std::map<RunKey, std::uint8_t> slots_;
  std::array<std::optional<RunKey>, radio_slots> slot_holds_;
  std::uint8_t slot_next_ = 0;
  std::map<std::uint64_t, Ref> named_;
  std::uint64_t name_next_ = 1;
};

}  // namespace khuoi::sync
