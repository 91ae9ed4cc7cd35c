#include "sync/peers/radio_marks.h"

#include <algorithm>
#include <map>
#include <utility>

#include "sync/peers/unreceipted.h"
#include "sync/store/meta.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {

constexpr Rows<std::pair<NodeId, RunKey>, RadioMark> mark_rows{Note::by_radio, "what a peer said by radio of a run"};

Result<void> put(Batch& batch, const NodeId& peer, const RunKey& run, const RadioMark& mark) {
  const Peers peers;
  KHUOI_TRY(const RangeSet before, received_of(batch.txn, peers, peer, run));
  KHUOI_TRY_VOID(mark.received.empty() && mark.refused.empty() ? mark_rows.erase(batch, {peer, run})
                                                               : mark_rows.put(batch, {peer, run}, mark));
  KHUOI_TRY(const RangeSet now, received_of(batch.txn, peers, peer, run));
  return Unreceipted::on_said(batch, peer, run, before, now);
}

/// Where this node's own heads stand now.
Result<OwnHeads> own_heads(const ReadTxn& txn) {
  KHUOI_TRY(const std::uint64_t starts, meta_number(txn, "starts"));
  KHUOI_TRY(const std::uint64_t sequence, meta_number(txn, "holdings_sequence"));
  return OwnHeads{static_cast<std::uint32_t>(starts), sequence};
}

/// Whether the peer had a head of mine, given after it acknowledged by radio, when it said this.
bool said_after(const RadioMark& mark, const Head& heard) {
  return mark.grew_at && later(heard, Head{mark.grew_at->ordinal, mark.grew_at->sequence, {}});
}

bool same_start(const RadioMark& mark, const Head& head) {
  const auto known = std::min<std::size_t>(mark.start_octets, mark.start.size());
  return mark.ordinal == head.ordinal && equal(ByteView(mark.start).first(known), ByteView(head.start).first(known));
}

}  // namespace

Result<RadioMark> RadioMarks::of(const ReadTxn& txn, const NodeId& peer, const RunKey& run) {
  return mark_rows.get_or_new(txn, {peer, run});
}

Result<void> RadioMarks::each(const ReadTxn& txn, const NodeId& peer, const Visitor<const RunKey&, RadioMark&>& visit) {
  return mark_rows.each(txn, peer, [&](const auto& key, RadioMark& mark) { return visit(key.second, mark); });
}

Result<void> RadioMarks::add_received(Batch& batch, const NodeId& peer, const RunKey& run, const RangeSet& numbers,
                                      const Start& said_under, bool proves_no_more) {
  KHUOI_TRY(RadioMark mark, of(batch.txn, peer, run));
  if (mark.received.empty() || !proves_no_more) {
    mark.ordinal = said_under.ordinal;
    mark.start = said_under.id;
    mark.start_octets = said_under.octets;
  }
  mark.received.add(numbers);
  KHUOI_TRY(mark.grew_at, own_heads(batch.txn));
  // Too ragged to be read back: it is sent again, and taken for a repeat.
  if (mark.received.ranges().size() > RangeSet::ranges_max) return {};
  return put(batch, peer, run, mark);
}

Result<void> RadioMarks::add_refused(Batch& batch, const NodeId& peer, const RunKey& run, std::uint32_t number) {
  KHUOI_TRY(RadioMark mark, of(batch.txn, peer, run));
  mark.refused.add(number);
  if (mark.refused.ranges().size() > RangeSet::ranges_max) return {};
  return put(batch, peer, run, mark);
}

Result<RadioMarks::Left> RadioMarks::on_statement(Batch& batch, const Holdings& said, bool sets_aside,
                                                  const Head& heard) {
  std::map<RunId, const RangeSet*> listed;
  for (const Holdings::RunHeld& run : said.runs) listed.emplace(run.run, &run.received);
  std::vector<std::pair<RunKey, RadioMark>> changed;
  Left out;
  KHUOI_TRY_VOID(each(batch.txn, said.from, [&](const RunKey& run, RadioMark& mark) {
    RadioMark next = mark;
    const bool earlier = said.head.ordinal < mark.ordinal && !sets_aside && !said_after(mark, heard);
    if (const auto found = listed.find(run.run); found != listed.end()) {
      next.received.remove(*found->second);
      next.refused.remove(*found->second);
    }
    if (!earlier && !same_start(mark, said.head) && !next.received.empty()) {
      out.taken_back.emplace(run, std::exchange(next.received, {}));
    }
    out.of_later_starts = out.of_later_starts || (earlier && !next.received.empty());
    if (!(next.received == mark.received && next.refused == mark.refused)) changed.emplace_back(run, std::move(next));
  }));
  for (const auto& [run, mark] : changed) KHUOI_TRY_VOID(put(batch, said.from, run, mark));
  return out;
}

Result<void> RadioMarks::forget_later(Batch& batch, const NodeId& peer, const Start& lives_under) {
  const Head head{lives_under.ordinal, 0, lives_under.id};
  std::vector<std::pair<RunKey, RadioMark>> changed;
  KHUOI_TRY_VOID(each(batch.txn, peer, [&](const RunKey& run, RadioMark& mark) {
    RadioMark known = mark;
    known.start_octets = std::min(mark.start_octets, lives_under.octets);
    if (mark.received.empty() || mark.ordinal < head.ordinal || same_start(known, head)) return;
    mark.received = RangeSet();
    changed.emplace_back(run, mark);
  }));
  for (const auto& [run, mark] : changed) KHUOI_TRY_VOID(put(batch, peer, run, mark));
  return {};
}

Result<void> RadioMarks::clear(Batch& batch, const NodeId& peer) {
  std::vector<std::pair<RunKey, RadioMark>> changed;
  KHUOI_TRY_VOID(each(batch.txn, peer, [&](const RunKey& run, RadioMark& mark) {
    mark.received = RangeSet();
    changed.emplace_back(run, mark);
  }));
  for (const auto& [run, mark] : changed) KHUOI_TRY_VOID(put(batch, peer, run, mark));
  return {};
}

Result<std::map<RunKey, RangeSet>> received_by(const ReadTxn& txn, const Peers& peers, const NodeId& peer) {
  std::map<RunKey, RangeSet> out;
  KHUOI_TRY_VOID(
      peers.each_run(txn, peer, [&](const RunKey& key, const PeerRun& run) { out.emplace(key, run.received); }));
  KHUOI_TRY_VOID(
      RadioMarks::each(txn, peer, [&](const RunKey& key, const RadioMark& mark) { out[key].add(mark.received); }));
  return out;
}

}  // namespace khuoi::sync
