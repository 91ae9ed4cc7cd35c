#include "sync/peers/peer_said.h"

#include <algorithm>
#include <set>

#include "sync/log/outgoing.h"
#include "sync/peers/radio_marks.h"

namespace khuoi::sync {

namespace {

/// Runs of which a peer holds something that is not here, or was not when it said so.
constexpr Rows<std::pair<NodeId, RunId>, std::uint8_t> lost_rows{Note::lost, "a run that was lost here"};
/// Of a sealed run, what its author opens the run's records with.
constexpr std::uint32_t author_copy = 1;

using Listed = std::map<RunId, const Holdings::RunHeld*>;
Listed listed_in(const Holdings& said) {
  Listed out;
  for (const Holdings::RunHeld& run : said.runs) out.emplace(run.run, &run);
  return out;
}

/// What it held and holds no more was lost there: it has not been sent, as far as that peer is concerned.
PeerRun laid_over(const PeerRun& before, const Holdings::RunHeld* said) {
  PeerRun out = before;
  out.received = said != nullptr ? said->received : RangeSet();
  out.safe = said != nullptr ? said->safe : RangeSet();
  out.sent.remove(before.received.minus(out.received));
  return out;
}

}  // namespace

Result<HeldTally> PeerSaid::tally_of(const ReadTxn& txn, const NodeId& peer) const {
  HeldTally out;
  KHUOI_TRY_VOID(peers_.each_run(txn, peer, [&](const RunKey& key, const PeerRun& run) {
    if (key.author == core_.self.node) out.add(key.run, run.received, run.safe);
  }));
  return out;
}

Result<bool> PeerSaid::adds_up(const ReadTxn& txn, const Holdings& said) const {
  if (said.version == 1) return true;
  HeldTally tally;
  if (!said.whole) {
    KHUOI_TRY(const ToldOf told, told_of_rows.get_or_new(txn, said.from));
    KHUOI_TRY(tally, told.counted ? Result<HeldTally>(told.tally) : tally_of(txn, said.from));
  }
  for (const auto& [run, held] : listed_in(said)) {
    if (!said.whole) {
      KHUOI_TRY(const PeerRun before, peers_.run(txn, said.from, {core_.self.node, run}));
      tally.remove(run, before.received, before.safe);
    }
    tally.add(run, held->received, held->safe);
  }
  return tally == said.tally;
}

Result<std::vector<PeerSaid::Change>> PeerSaid::changes(const ReadTxn& txn, const Holdings& said, const ToldOf& told,
                                                        bool& more_lost) {
  std::vector<Change> out;
  Listed listed = listed_in(said);
  // Rows of programs before version 2 were never looked through for what was lost.
  if (said.whole || !told.counted) {
    KHUOI_TRY_VOID(peers_.each_run(txn, said.from, [&](const RunKey& key, const PeerRun& before) {
      if (key.author != core_.self.node) return;
      const auto found = listed.find(key.run);
      const bool stays = !said.whole && found == listed.end();
      out.push_back({key, before, stays ? before : laid_over(before, found != listed.end() ? found->second : nullptr)});
      if (found != listed.end()) listed.erase(found);
    }));
  }
  KHUOI_TRY(const auto lost, lost_rows.keys(txn, said.from));
  std::size_t unknown = lost.size();
  for (const auto& [run, held] : listed) {
    const RunKey key{core_.self.node, run};
    KHUOI_TRY(const PeerRun before, peers_.run(txn, said.from, key));
    KHUOI_TRY(const RunRow* own, core_.runs.find(txn, key));
    more_lost = more_lost || (own == nullptr && before.received.empty() && unknown >= lost_runs_max);
    if (own == nullptr && before.received.empty() && unknown++ >= lost_runs_max) continue;
    out.push_back({key, before, laid_over(before, held)});
  }
  return out;
}

Result<RangeSet> PeerSaid::not_here(const ReadTxn& txn, const RunKey& key, const RangeSet& received) const {
  KHUOI_TRY(const RunRow* own, core_.runs.find(txn, key));
  return own != nullptr ? received.minus(own->held) : received;
}

Result<bool> PeerSaid::take(Batch& batch, const Holdings& said, Path path, bool sets_aside, const Head& heard) {
  KHUOI_TRY(ToldOf told, told_of_rows.get_or_new(batch.txn, said.from));
  KHUOI_TRY(const auto all, changes(batch.txn, said, told, told.more_lost));
  KHUOI_TRY_VOID(note_arrived(batch, said, path, all));
  HeldTally listed;
  for (const Change& one : all) {
    KHUOI_TRY_VOID(peers_.put_run(batch, said.from, one.key, one.now));
    const bool lost_some = !one.before.received.minus(one.now.received).empty();
    if (lost_some) KHUOI_TRY_VOID(Outgoing::note(batch, Outgoing::of(Outgoing::What::run, one.key.run)));
    KHUOI_TRY(const RangeSet missing, not_here(batch.txn, one.key, one.now.received));
    KHUOI_TRY_VOID(missing.empty() ? lost_rows.erase(batch, {said.from, one.key.run})
                                   : lost_rows.put(batch, {said.from, one.key.run}, 1));
  }
  for (const auto& [run, held] : listed_in(said)) listed.add(run, held->received, held->safe);
  told.tally = said.version == 1 ? listed : said.tally;
  told.counted = true;
  told.asks_whole = false;
  KHUOI_TRY_VOID(told_of_rows.put(batch, said.from, told));
  KHUOI_TRY(const auto left, RadioMarks::on_statement(batch, said, sets_aside, heard));
  for (const auto& [key, lost] : left.taken_back) {
    KHUOI_TRY(PeerRun run, peers_.run(batch.txn, said.from, key));
    run.sent.remove(lost);
    KHUOI_TRY_VOID(peers_.put_run(batch, said.from, key, run));
  }
  return left.of_later_starts;
}

Result<void> PeerSaid::note_arrived(Batch& batch, const Holdings& said, Path path, const std::vector<Change>& changes) {
  Passages::Numbers arrived;
  for (const Change& one : core_.self.is_commune() ? std::vector<Change>() : changes) {
    KHUOI_TRY(const RadioMark told, RadioMarks::of(batch.txn, said.from, one.key));
    arrived.emplace(one.key.run, one.now.received.minus(one.before.received).minus(told.received));
  }
  return Passages::note(batch, Passages::Kind::received, path,
                        Passages::moment(core_.since_start.told_time(), batch.now), arrived);
}

Result<std::vector<Holdings::Want>> PeerSaid::lost(const ReadTxn& txn, const NodeId& peer) const {
  KHUOI_TRY(const ToldOf told, told_of_rows.get_or_new(txn, peer));
  std::vector<std::pair<RunId, RangeSet>> theirs;
  if (told.counted) {
    KHUOI_TRY(const auto marked, lost_rows.keys(txn, peer));
    for (const auto& [of, run] : marked) {
      KHUOI_TRY(PeerRun has, peers_.run(txn, peer, {core_.self.node, run}));
      theirs.emplace_back(run, std::move(has.received));
    }
  } else {
    KHUOI_TRY_VOID(peers_.each_run(txn, peer, [&](const RunKey& key, const PeerRun& run) {
      if (key.author == core_.self.node && !run.received.empty()) theirs.emplace_back(key.run, run.received);
    }));
  }
  std::vector<Holdings::Want> out;
  for (auto& [run, received] : theirs) {
    const RunKey key{core_.self.node, run};
    KHUOI_TRY(const RunRow* row, core_.runs.find(txn, key));
    // Without the author copy, which never goes by radio, nothing of a sealed run can be read back here.
    const bool closed =
        row != nullptr && !row->is_public && !row->held.contains(author_copy) && !received.contains(author_copy);
    if (closed) continue;
    KHUOI_TRY(RangeSet missing, not_here(txn, key, received));
    // What came back to a locked box waits for its passphrase, and is not asked for again.
    if (!core_.self.is_commune() && !missing.empty()) {
      KHUOI_TRY_VOID(scan_prefix(txn, Table::waiting, key_of(key), [&](ByteView at, ByteView) {
        const auto ref = ref_from_key(at.first(std::min<std::size_t>(at.size(), 20)));
        if (ref) missing.remove(RangeSet(ref->number, ref->number));
      }));
    }
    while (missing.ranges().size() > RangeSet::ranges_max) {
      const auto [first, last] = *missing.ranges().rbegin();
      missing.remove(RangeSet(first, last));
    }
    if (out.size() == Holdings::wants_max) break;
    if (!missing.empty()) out.push_back({run, std::move(missing)});
  }
  return out;
}

}  // namespace khuoi::sync
