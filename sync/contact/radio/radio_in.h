#pragma once

#include "sync/contact/radio/radio_out.h"
#include "sync/contact/taker.h"

namespace khuoi::sync {

/// One direction of an association at its receiver: elements become records that are taken in. A frame's MAC has four
/// octets, so nothing that it covers is vouched for: what cannot be opened here waits.
class RadioIn final {
 public:
  /// `to_all`: it is no stream but one object that went to all hamlets, which anybody of them can make: then nothing
  /// counts but records.
  RadioIn(Replica& replica, RadioPeer& peer, bool to_all = false)
      : replica_(replica), peer_(peer), to_all_(to_all) {}
  /// The next octets of the stream. What cannot be read ends it for good: the rest is passed over. Errors: the store's.
  Result<void> take(Batch& batch, ByteView octets, Taker& taker);
  /// Every octet so far was part of a record that was taken.
  [[nodiscard]] bool whole() const;

 private:
  struct Run {
    RunId run;
    AudienceId audience;
  };
  Result<void> on(Batch& batch, const RadioGreeting& greeting, Taker& taker);
  Result<void> on(Batch& batch, const RadioOpener& opener, Taker& taker);
  Result<void> on(Batch& batch, const RadioRun& run, Taker& taker);
  Result<void> on(Batch& batch, const RadioRecord& record, Taker& taker);
  Result<void> on(Batch& batch, const RadioHave& have, Taker& taker);
  Result<void> on(Batch& batch, const RadioRoster& roster, Taker& taker);
  Result<void> accept(Batch& batch, const Sealed& record, Taker& taker);
  Result<RadioHave> have(const ReadTxn& txn, std::uint32_t sum) const;
  [[nodiscard]] std::optional<AudienceId> audience_of(const RadioOpener& opener) const;
  RadioNote& note();
  void refuse() { note().refused.add(records_); }

  Replica& replica_;
  RadioPeer& peer_;
  ElementReader elements_;
  std::array<std::optional<Run>, radio_slots> slots_;
  std::uint32_t records_ = 0;  ///< that came so far, openers among them
  bool to_all_ = false;
  bool spoilt_ = false;
};

}  // namespace khuoi::sync
