#pragma once

#include <string>

#include "sync/base/range_set.h"
#include "sync/files/files.h"
#include "sync/log/head.h"
#include "sync/log/core.h"
#include "sync/peers/passages.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

/// What a peer said last, and what it is known to have taken in: table `peer`, key node 8.
struct PeerRow {
  Head absorbed;               ///< the latest of its statements applied here; none in place of a void one
  Head echoed;                 ///< the latest of mine that it says it applied
  std::uint64_t my_sequence = 0;  ///< my holdings sequence when something it should hear of last changed
  Head stated;                 ///< the head I last put into a statement for it
  UnixSeconds stated_at;       ///< the time in that statement, so that it can be made again to the octet
  bool restored = false;       ///< it echoed a head of mine that I never gave: one of us was restored
  Head superseded;             ///< then: the head that my next statement sets aside
  std::vector<std::pair<RunKey, RangeSet>> wants;
  std::vector<ModelHash> wants_models;
  std::uint64_t roster_digest = 0;  ///< of the roster statements it knows
  UnixSeconds heard_at;        ///< our wall clock
  std::string heard_by;        ///< stick, fiber, radio
  std::uint64_t received_octets_unacknowledged = 0;  ///< people's records taken from it since we last stated
  static constexpr std::uint64_t wants_max = 65536;  ///< Holdings::wants_max
  static auto parts(auto& row) {
    return parts_of(row.absorbed, row.echoed, row.stated, row.superseded, row.my_sequence, row.stated_at, row.restored,
                    row.heard_at, Counted(row.heard_by, 64), row.received_octets_unacknowledged, row.roster_digest,
                    List(row.wants, wants_max), List(row.wants_models, wants_max));
  }
  void read(Reader& from);
};

/// What a peer holds of one run: table `peer_run`, key peer 8 | author 8 | run 8.
struct PeerRun {
  RangeSet received;
  RangeSet safe;
  RangeSet sent;  ///< left towards it by some path: a hint
  static auto parts(auto& run) { return parts_of(run.received, run.safe, run.sent); }
};

/// BLAKE2b-128 of what a peer was last asked to give back.
inline constexpr Rows<NodeId, Bytes> asked_back{Note::asked, "what a peer was asked to give back"};

/// Tables `peer`, `peer_run` and `peer_file`.
class Peers final {
 public:
  Result<PeerRow> row(const ReadTxn& txn, const NodeId& peer) const;
  Result<void> put(Batch& batch, const NodeId& peer, const PeerRow& row) const;
  Result<std::vector<std::pair<NodeId, PeerRow>>> all(const ReadTxn& txn) const;

  /// What peers applied of mine outranks every head that I can give now: my next statement to each sets it aside.
  Result<void> set_echoes_aside(Batch& batch) const;

  Result<PeerRun> run(const ReadTxn& txn, const NodeId& peer, const RunKey& key) const;
  Result<void> put_run(Batch& batch, const NodeId& peer, const RunKey& key, const PeerRun& row) const;
  Result<void> each_run(const ReadTxn& txn, const NodeId& peer,
                        const Visitor<const RunKey&, PeerRun&>& visit) const;
  /// Own records left towards a peer by some path. Gives those that had not left before, and have no receipt.
  Result<Passages::Numbers> mark_sent(Batch& batch, const NodeId& peer, const std::map<RunKey, RangeSet>& left) const;

  /// Per level what the peer holds; `complete` overrides.
  struct PeerFile {
    bool complete = false;
    HeldChunks held;
    static auto parts(auto& file) { return parts_of(file.complete, List(file.held, 4)); }
  };
  Result<PeerFile> file(const ReadTxn& txn, const NodeId& peer, const FileId& file) const;
  Result<void> put_file(Batch& batch, const NodeId& peer, const FileId& file, const PeerFile& row) const;

 private:
  static Result<void> put_row(Batch& batch, const NodeId& peer, const RunKey& key, const PeerRun& row);
};

void write_held_chunks(Writer& to, const HeldChunks& held);
Result<HeldChunks> read_held_chunks(Reader& from);

}  // namespace khuoi::sync
