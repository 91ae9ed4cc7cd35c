#include "sync/contact/planner.h"

#include <algorithm>
#include <tuple>

#include "sync/peers/radio_marks.h"

namespace khuoi::sync {

namespace {

/// Which of an author's runs is the older: of one lane its chain of predecessors says so, of two lanes the ordinals of their
/// starts, as far as they grow along each chain. An ordinal may jump and fall again.
class RunAges final {
 public:
  void add(const RunKey& key, const Opener& opener) { runs_[key] = {opener.previous, opener.ordinal, 0, false}; }
  /// (the start it counts as, its place in the chain)
  std::pair<std::uint32_t, std::size_t> of(const RunKey& key) {
    std::vector<RunKey> chain;
    for (auto at = runs_.find(key); at != runs_.end() && !at->second.known; at = runs_.find({key.author, at->second.previous})) {
      at->second.known = true;  // a loop, of a faulty author, ends here
      chain.push_back(at->first);
    }
    for (auto one = chain.rbegin(); one != chain.rend(); ++one) {
      Age& age = runs_.at(*one);
      const auto before = runs_.find({key.author, age.previous});
      if (before == runs_.end() || before->first == *one) continue;
      age.start = std::max(age.start, before->second.start);
      age.place = before->second.place + 1;
    }
    const auto found = runs_.find(key);
    return found == runs_.end() ? std::pair<std::uint32_t, std::size_t>() : std::pair(found->second.start, found->second.place);
  }

 private:
  struct Age {
    RunId previous;
    std::uint32_t start = 0;
    std::size_t place = 0;
    bool known = false;
  };
  std::map<RunKey, Age> runs_;
};

}  // namespace

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
  if (author != members_.self.node) return false;
  if (peer == members_.self.commune_node) return audience != audience_everyone();
  if (audience == audience_everyone()) return true;
  const NodeFacts* facts = members_.roster.node(peer);
  if (facts == nullptr) return false;
  return audience == audience_id_of(facts->auth) || audience == audience_id_of(facts->reader_general) ||
         audience == audience_id_of(facts->reader_health);
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

Result<std::vector<Candidate>> Planner::records(const ReadTxn& txn, const NodeId& peer, const Gone& gone) const {
  KHUOI_TRY(const auto peer_has, received_by(txn, peers_, peer));
  KHUOI_TRY(const PeerRow peer_row, peers_.row(txn, peer));
  std::map<RunKey, RangeSet> wanted;
  for (const auto& [key, numbers] : peer_row.wants) wanted[key].add(numbers);

  struct RunNeed {
    RunKey key;
    RangeSet needed;
    bool begun = false;  ///< the peer has some of it
    std::pair<std::uint32_t, std::size_t> age = {};
  };
  RunAges ages;
  std::vector<RunNeed> runs;
  KHUOI_TRY_VOID(runs_.each(txn, [&](const RunKey& key, const RunRow& row) {
    if (row.local) return;
    ages.add(key, row.opener);
    RangeSet needed;
    bool begun = false;
    if (reaches(peer, key.author, row.audience)) {
      needed = row.held;
      if (const auto has = peer_has.find(key); has != peer_has.end()) {
        needed.remove(has->second);
        begun = !has->second.empty();
      }
    } else if (key.author == peer) {
      if (const auto want = wanted.find(key); want != wanted.end()) needed = want->second.intersect(row.held);
    }
    if (const auto left = gone.find(key); left != gone.end()) needed.remove(left->second);
    if (!needed.empty()) runs.push_back({key, std::move(needed), begun});
  }));
  for (RunNeed& run : runs) run.age = ages.of(run.key);
  std::ranges::stable_sort(runs, {}, [](const RunNeed& run) { return std::tie(run.age, run.key); });
  std::vector<Candidate> out;
  for (const RunNeed& run : runs) KHUOI_TRY_VOID(add_run(txn, run.key, run.needed, run.begun, out));
  std::ranges::stable_sort(out, [](const Candidate& a, const Candidate& b) { return a.rank > b.rank; });
  return out;
}

Result<std::vector<Planner::FileNeed>> Planner::files(const ReadTxn& txn, const NodeId& peer,
                                                      const GoneChunks& gone) const {
  std::vector<FileNeed> out;
  KHUOI_TRY_VOID(Files::each(txn, [&](const Files::Row& row) -> Result<void> {
    const bool may = std::ranges::any_of(row.audiences, [&](const AudienceId& audience) {
      return reaches(peer, row.author, audience);
    });
    if (!may) return {};
    KHUOI_TRY(auto has, peers_.file(txn, peer, row.file));
    if (has.complete) return {};
    if (const auto left = gone.find(row.file); left != gone.end()) add_chunks(has.held, left->second);
    if (!Files::lacking(row, has.held, 1).empty()) out.push_back({row, std::move(has.held)});
    return {};
  }));
  return out;
}

void add_chunks(HeldChunks& held, const HeldChunks& more) {
  held.resize(std::max(held.size(), more.size()));
  for (std::size_t level = 0; level < more.size(); ++level) held[level].add(more[level]);
}

}  // namespace khuoi::sync
