#include "sync/peers/to_go.h"

#include <algorithm>

namespace khuoi::sync {

namespace {

/// How far a peer was looked after.
struct LookedAfter {
  std::uint64_t order = 0;  ///< of Outgoing
  Head absorbed;            ///< the peer's statement that was applied then
  static auto parts(auto& looked) { return parts_of(looked.order, looked.absorbed); }
};

constexpr Rows<NodeId, LookedAfter> looked_rows{Note::looked_after, "how far a peer was looked after"};
constexpr Rows<std::pair<NodeId, Outgoing>, std::uint8_t> open_rows{Note::to_go, "what a peer lacks"};

/// Of more records nobody looks whether they were erased.
constexpr std::uint64_t looked_at_max = 256;

template <typename AnyId>
AnyId id_of(const Outgoing& one) {
  return *AnyId::from(ByteView(one.id).first(AnyId::octets));
}

}  // namespace

void ToGo::add(const Outgoing& one, Things& to) {
  if (one.what == Outgoing::What::run) to.runs.insert(id_of<RunId>(one));
  if (one.what == Outgoing::What::file) to.files.insert(id_of<FileId>(one));
}

Result<ToGo::Things> ToGo::everything(const ReadTxn& txn) const {
  Things out;
  KHUOI_TRY_VOID(runs_.each(txn, [&](const RunKey& key, const RunRow& row) {
    if (key.author == members_.self.node && !row.local) out.runs.insert(key.run);
  }));
  KHUOI_TRY_VOID(Files::each(txn, [&](const Files::Row& row) {
    if (row.author == members_.self.node) out.files.insert(row.file);
  }));
  return out;
}

Result<ToGo::Things> ToGo::of(const ReadTxn& txn, const NodeId& peer) const {
  KHUOI_TRY(const auto totals, runs_.totals(txn));
  if (!totals) return everything(txn);
  Things out;
  KHUOI_TRY(const PeerRow row, peers_.row(txn, peer));
  KHUOI_TRY(auto looked, looked_rows.get_or_new(txn, peer));
  // A program that keeps none of this may have applied a statement since.
  if (looked.absorbed != row.absorbed) looked = {};
  KHUOI_TRY_VOID(open_rows.each(txn, peer, [&](const auto& key, std::uint8_t) { add(key.second, out); }));
  KHUOI_TRY_VOID(Outgoing::each_after(txn, looked.order, [&](const Outgoing& one) { add(one, out); }));
  for (const RunId& run : runs_.own_changed()) out.runs.insert(run);
  return out;
}

Result<bool> ToGo::lacks_run(const ReadTxn& txn, const NodeId& peer, const RunKey& key) const {
  KHUOI_TRY(const RunRow* row, runs_.find(txn, key));
  if (row == nullptr || row->local || !goes_to(members_, peer, key.author, row->audience)) return false;
  // What it said by radio may be taken back: only what it states counts here.
  KHUOI_TRY(const PeerRun has, peers_.run(txn, peer, key));
  const RangeSet needed = row->held.minus(has.received);
  if (needed.count() > looked_at_max) return true;
  for (const auto& [first, last] : needed.ranges()) {
    for (std::uint64_t number = first; number <= last; ++number) {
      KHUOI_TRY(const auto record, runs_.record(txn, {key.author, key.run, static_cast<std::uint32_t>(number)}));
      if (record && !record->erased) return true;
    }
  }
  return false;
}

Result<bool> ToGo::lacks_file(const ReadTxn& txn, const NodeId& peer, const FileId& file) const {
  KHUOI_TRY(const auto row, Files::row(txn, file));
  if (!row) return false;
  const bool goes = std::ranges::any_of(row->audiences, [&](const AudienceId& audience) {
    return goes_to(members_, peer, row->author, audience);
  });
  if (!goes) return false;
  KHUOI_TRY(const Peers::PeerFile has, peers_.file(txn, peer, file));
  return !has.complete && !Files::lacking(*row, has.held, 1).empty();
}

Result<bool> ToGo::lacks(const ReadTxn& txn, const NodeId& peer, const Outgoing& one) const {
  if (one.what == Outgoing::What::file) return lacks_file(txn, peer, id_of<FileId>(one));
  return lacks_run(txn, peer, {members_.self.node, id_of<RunId>(one)});
}

Result<void> ToGo::on_statement(Batch& batch, const NodeId& peer) const {
  KHUOI_TRY(LookedAfter looked, looked_rows.get_or_new(batch.txn, peer));
  KHUOI_TRY(const auto open, open_rows.keys(batch.txn, peer));
  for (const auto& key : open) {
    KHUOI_TRY(const bool still, lacks(batch.txn, peer, key.second));
    if (!still) KHUOI_TRY_VOID(open_rows.erase(batch, key));
  }
  std::vector<Outgoing> news;
  KHUOI_TRY_VOID(Outgoing::each_after(batch.txn, looked.order, [&](const Outgoing& one) { news.push_back(one); }));
  for (const Outgoing& one : news) {
    KHUOI_TRY(const bool open_now, lacks(batch.txn, peer, one));
    if (open_now) KHUOI_TRY_VOID(open_rows.put(batch, {peer, one}, 1));
  }
  KHUOI_TRY(looked.order, Outgoing::last(batch.txn));
  KHUOI_TRY(const PeerRow row, peers_.row(batch.txn, peer));
  looked.absorbed = row.absorbed;
  KHUOI_TRY_VOID(Outgoing::note_looked(batch, looked.order));
  return looked_rows.put(batch, peer, looked);
}

Result<void> ToGo::recount(Batch& batch) const {
  KHUOI_TRY(const Things all, everything(batch.txn));
  const auto put = [&](const Outgoing& one) -> Result<void> {
    KHUOI_TRY(const bool known, Outgoing::known(batch.txn, one));
    return known ? Result<void>() : Outgoing::note(batch, one);
  };
  for (const RunId& run : all.runs) KHUOI_TRY_VOID(put(Outgoing::of(Outgoing::What::run, run)));
  for (const FileId& file : all.files) KHUOI_TRY_VOID(put(Outgoing::of(Outgoing::What::file, file)));
  KHUOI_TRY(const auto looked, looked_rows.keys(batch.txn));
  for (const NodeId& peer : looked) KHUOI_TRY_VOID(looked_rows.erase(batch, peer));
  return {};
}

Result<bool> ToGo::is_right(const ReadTxn& txn, const NodeId& peer) const {
  KHUOI_TRY(const Things kept, of(txn, peer));
  KHUOI_TRY(const Things all, everything(txn));
  for (const RunId& run : all.runs) {
    if (kept.runs.contains(run)) continue;
    KHUOI_TRY(const bool lacked, lacks_run(txn, peer, {members_.self.node, run}));
    if (lacked) return false;
  }
  for (const FileId& file : all.files) {
    if (kept.files.contains(file)) continue;
    KHUOI_TRY(const bool lacked, lacks_file(txn, peer, file));
    if (lacked) return false;
  }
  return true;
}

}  // namespace khuoi::sync
