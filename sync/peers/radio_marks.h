#pragma once

#include <map>

#include "sync/peers/holdings.h"

namespace khuoi::sync {

/// Where this node's own heads stand.
struct OwnHeads {
  std::uint32_t ordinal = 0;
  std::uint64_t sequence = 0;
  static auto parts(auto& heads) { return parts_of(heads.ordinal, heads.sequence); }
};

/// What a peer said by radio of one run of mine, beside its signed statements: an acknowledgement on the air is proved
/// by a key of the pair, not signed, so it stands apart, and a statement of a later start of that peer takes its place.
struct RadioMark {
  std::uint32_t ordinal = 0;  ///< of the peer's start when it said so last
  StartId start{};
  std::uint8_t start_octets = 0;  ///< so many of its first octets are known
  RangeSet received;
  RangeSet refused;  ///< it would not take them: they go by other paths only
  std::optional<OwnHeads> grew_at;  ///< where they stood when `received` last grew; none: of a program that did not note it
  static auto parts(auto& mark) {
    return parts_of(mark.ordinal, mark.start, mark.start_octets, mark.received, mark.refused, mark.grew_at);
  }
};

/// Table `note`, kind by_radio, key peer 8 | author 8 | run 8.
class RadioMarks final {
 public:
  /// Which start of the peer speaks.
  struct Start {
    std::uint32_t ordinal = 0;
    StartId id{};
    std::uint8_t octets = 0;  ///< of the id, that are known
  };
  static Result<RadioMark> of(const ReadTxn& txn, const NodeId& peer, const RunKey& run);
  static Result<void> each(const ReadTxn& txn, const NodeId& peer, const Visitor<const RunKey&, RadioMark&>& visit);
  /// `proves_no_more`: what was marked before stays said under its own start, so that a statement of a later one takes it
  /// back. A commune proves by a sum that it holds what was marked under earlier starts; a hamlet, which may have been
  /// set back between two of its starts, does not.
  static Result<void> add_received(Batch& batch, const NodeId& peer, const RunKey& run, const RangeSet& numbers,
                                   const Start& said_under, bool proves_no_more = false);
  static Result<void> add_refused(Batch& batch, const NodeId& peer, const RunKey& run, std::uint32_t number);
  /// The peer's statement was applied. One made before the acknowledgement takes nothing back: of the same start, what it
  /// lists is known by it now; of an earlier one, nothing changes. One of a later start, of another start under the same
  /// ordinal, or of another start that sets aside what the peer said before (`sets_aside`: just now, for every later
  /// statement of it names the same head again) tells of everything that the peer holds. So does one of an earlier start
  /// that echoes a head of mine which I gave after the acknowledgement (`heard`; none where its echo is not mine): the peer
  /// was set back in between.
  struct Left {
    std::map<RunKey, RangeSet> taken_back;  ///< what marks claimed, and the statement does not
    bool of_later_starts = false;           ///< marks stay that were made under a later start, or under one set aside
  };
  static Result<Left> on_statement(Batch& batch, const Holdings& said, bool sets_aside, const Head& heard);
  /// The peer lives under this start now: what it said under a later one, or another of the same ordinal, is of a life that
  /// its disk forgot.
  static Result<void> forget_later(Batch& batch, const NodeId& peer, const Start& lives_under);
  /// The peer holds less than the marks say: all that they claim goes.
  static Result<void> clear(Batch& batch, const NodeId& peer);
};

/// What a peer holds, by its statements or by radio, of each run that it told of.
Result<std::map<RunKey, RangeSet>> received_by(const ReadTxn& txn, const Peers& peers, const NodeId& peer);

}  // namespace khuoi::sync
