#pragma once

#include <map>
#include <set>

#include "sync/peers/to_go.h"
#include "sync/replica/replica.h"

namespace khuoi::sync {

/// One record that a peer should get.
struct Candidate {
  Ref ref;
  Rank rank = Rank::normal;
  bool peoples = false;
  bool opener = false;
  std::uint32_t octets = 0;  ///< of its body
};

/// What a peer lacks, best first: urgent before dossiers before documents, an opener with the best record of its run,
/// author copies last. The same choice serves a stick and a session.
class Planner final {
 public:
  explicit Planner(Replica& replica)
      : members_(replica.membership()),
        runs_(replica.runs()),
        peers_(replica.peers()),
        to_go_(members_, runs_, peers_) {}

  using Gone = std::map<RunKey, RangeSet>;
  /// `gone`: what has left already towards the peer (in this session, or stands on this stick).
  Result<std::vector<Candidate>> records(const ReadTxn& txn, const NodeId& peer, const Gone& gone) const;

  /// Files with chunks that the peer lacks, with what it holds of each or was given, in the order of their ids.
  struct FileNeed {
    Files::Row row;
    HeldChunks peer_held;
  };
  using GoneChunks = std::map<FileId, HeldChunks>;
  Result<std::vector<FileNeed>> files(const ReadTxn& txn, const NodeId& peer, const GoneChunks& gone) const;
  /// Whether a record or file with this author and audience may go to the peer at all.
  [[nodiscard]] bool reaches(const NodeId& peer, const NodeId& author, const AudienceId& audience) const;
  /// Peers this node writes for: a hamlet for its commune, a commune for every box in force.
  [[nodiscard]] std::vector<NodeId> peers() const;

 private:
  Result<void> add_run(const ReadTxn& txn, const RunKey& key, const RangeSet& needed, bool begun,
                       std::vector<Candidate>& out) const;
  const Membership& members_;
  Runs& runs_;
  Peers& peers_;
  ToGo to_go_;
};

/// Chunks of one file, level by level: adds those of the other.
void add_chunks(HeldChunks& held, const HeldChunks& more);

}  // namespace khuoi::sync
