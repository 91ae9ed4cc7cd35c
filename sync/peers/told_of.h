#pragma once

#include "sync/log/held_tally.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

/// How this node and a peer tell each other what they hold, beside what stands in PeerRow: table `note`, kind told_of, key
/// peer 8.
struct ToldOf {
  bool reads_tallies = false;  ///< the peer reads version 2 of statements: its last hello or statement said so
  bool asks_whole = false;     ///< what it said last does not add up here: it is asked to say all
  bool counted = false;        ///< `tally` is known: not in stores of programs before version 2
  bool more_lost = false;      ///< it holds more lost runs of this node than are kept: asked for once these are back
  HeldTally tally;             ///< of all that it said to hold of this node's runs
  std::uint64_t owes_whole = 0;  ///< it asked for all: statements are whole until it echoes this sequence or a later one
  UnixSeconds asked_at;        ///< when it did last
  static auto parts(auto& told) {
    return parts_of(Flags(told.reads_tallies, told.asks_whole, told.counted, told.more_lost), told.tally, told.owes_whole,
                    told.asked_at);
  }
};

inline constexpr Rows<NodeId, ToldOf> told_of_rows{Note::told_of, "how a peer is told what is held"};

}  // namespace khuoi::sync
