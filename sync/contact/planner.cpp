#include "sync/contact/planner.h"

#include <algorithm>
#include <tuple>

#include "sync/peers/unreceipted.h"

namespace khuoi::sync {

std::vector<NodeId> Planner::peers() const {
  if (!members_.self.granted()) return {};
  if (!members_.self.is_commune()) return {members_.self.commune_node};
  std::vector<NodeId> out;
  for (const NodeFacts* node : members_.roster.nodes()) {
    if (!node->revoked) out.push_back(node->node);
  }
  return out;
}

bool Planner::reaches(const NodeId& peer, const NodeId& author, const AudienceId& audience) const {
  return goes_to(members_, peer, author, audience);
}

Result<void> Planner::add_run(const ReadTxn& txn, const RunKey& key, const RangeSet& needed, bool begun,
                              std::vector<Candidate>& out) const {
  const std::size_t first = out.size();
  auto range = needed.ranges().begin();
  // A visit a range: what lies between two ranges is not read.
  for (; range != needed.ranges().end(); ++range) {
    KHUOI_TRY_VOID(runs_.each_record(txn, key, range->first, [&](const RecordView& record) {
      if (record.ref.number > range->second) return Walk::stop;
      if (record.erased) return Walk::on;
      const bool opener = record.ref.number == 0;
      out.push_back({record.ref, record.rank, record.peoples, opener, static_cast<std::uint32_t>(record.body.size())});
      return Walk::on;
    }));
  }
  // The opener goes with the best record of its run; where others of it wait over there for it, at once.
  if (out.size() <= first || !out[first].opener || begun) return {};
  Rank best = Rank::low;
  for (std::size_t i = first + 1; i < out.size(); ++i) best = std::max(best, out[i].rank);
  out[first].rank = best;
  return {};
}

namespace {
struct RunNeed {
  RunKey key;
  RangeSet needed;
  bool begun = false;  ///< the peer has some of it
  Runs::Age age = {};
};
}  // namespace

Result<std::vector<Candidate>> Planner::records(const ReadTxn& txn, const NodeId& peer, const Gone& gone) const {
  KHUOI_TRY(const PeerRow peer_row, peers_.row(txn, peer));
  KHUOI_TRY(const ToGo::Things own, to_go_.of(txn, peer));
  std::map<RunKey, RangeSet> wanted;
  for (const auto& [key, numbers] : peer_row.wants) {
    if (key.author == peer) wanted[key].add(numbers);
  }
  std::vector<RunNeed> runs;
  const auto need = [&](const RunKey& key, const RunRow& row, RangeSet needed, bool begun) {
    if (const auto left = gone.find(key); left != gone.end()) needed.remove(left->second);
    if (!row.local && !needed.empty()) runs.push_back({key, std::move(needed), begun});
  };
  for (const RunId& run : own.runs) {
    const RunKey key{members_.self.node, run};
    KHUOI_TRY(const RunRow* row, runs_.find(txn, key));
    if (row == nullptr || !reaches(peer, key.author, row->audience)) continue;
    KHUOI_TRY(const RangeSet has, received_of(txn, peers_, peer, key));
    need(key, *row, row->held.minus(has), !has.empty());
  }
  for (const auto& [key, numbers] : wanted) {
    KHUOI_TRY(const RunRow* row, runs_.find(txn, key));
    if (row != nullptr) need(key, *row, numbers.intersect(row->held), false);
  }
  // Of a single one nobody asks how old it is: that reads its whole chain, once.
  for (RunNeed& run : runs) {
    if (runs.size() == 1) break;
    KHUOI_TRY(run.age, runs_.age(txn, run.key));
  }
  std::ranges::stable_sort(runs, {}, [](const RunNeed& run) { return std::tie(run.age, run.key); });
  std::vector<Candidate> out;
  for (const RunNeed& run : runs) KHUOI_TRY_VOID(add_run(txn, run.key, run.needed, run.begun, out));
  std::ranges::stable_sort(out, [](const Candidate& a, const Candidate& b) { return a.rank > b.rank; });
  return out;
}

Result<std::vector<Planner::FileNeed>> Planner::files(const ReadTxn& txn, const NodeId& peer,
                                                      const GoneChunks& gone) const {
  std::vector<FileNeed> out;
  KHUOI_TRY(const ToGo::Things own, to_go_.of(txn, peer));
  for (const FileId& file : own.files) {
    KHUOI_TRY(auto row, Files::row(txn, file));
    if (!row) continue;
    const bool may = std::ranges::any_of(row->audiences, [&](const AudienceId& audience) {
      return reaches(peer, row->author, audience);
    });
    if (!may) continue;
    KHUOI_TRY(auto has, peers_.file(txn, peer, file));
    if (has.complete) continue;
    if (const auto left = gone.find(file); left != gone.end()) add_chunks(has.held, left->second);
    if (!Files::lacking(*row, has.held, 1).empty()) out.push_back({std::move(*row), std::move(has.held)});
  }
  return out;
}

void add_chunks(HeldChunks& held, const HeldChunks& more) {
  held.resize(std::max(held.size(), more.size()));
  for (std::size_t level = 0; level < more.size(); ++level) held[level].add(more[level]);
}

}  // namespace khuoi::sync
