#include "sync/peers/peers.h"

#include <tuple>

#include "sync/peers/unreceipted.h"

namespace khuoi::sync {

namespace {

constexpr std::size_t levels_max = 4;

constexpr Rows<NodeId, PeerRow> peer_rows{Table::peer, "what a peer said and took in"};
constexpr Rows<std::pair<NodeId, RunKey>, PeerRun> run_rows{Table::peer_run, "what a peer holds of a run"};
constexpr Rows<std::pair<NodeId, FileId>, Peers::PeerFile> file_rows{Table::peer_file, "what a peer holds of a file"};

}  // namespace

void PeerRow::read(Reader& from) {
  auto all = parts(*this);
  read_part(from, all);
  // Earlier versions applied them. What it said stays; the next statement of an ordinary start replaces it.
  if (absorbed.is_void()) absorbed = Head{};
}

void write_held_chunks(Writer& to, const HeldChunks& held) {
  to.varint(held.size());
  for (const RangeSet& level : held) level.encode(to);
}

Result<HeldChunks> read_held_chunks(Reader& from) {
  const std::uint64_t levels = from.varint();
  if (levels > levels_max) return fail(Errc::malformed, "attachment holdings: too many levels");
  HeldChunks out;
  for (std::uint64_t i = 0; i < levels; ++i) {
    KHUOI_TRY(auto level, RangeSet::decode(from));
    out.push_back(std::move(level));
  }
  return out;
}

Result<PeerRow> Peers::row(const ReadTxn& txn, const NodeId& peer) const { return peer_rows.get_or_new(txn, peer); }

Result<void> Peers::put(Batch& batch, const NodeId& peer, const PeerRow& row) const {
  return peer_rows.put(batch, peer, row);
}

Result<std::vector<std::pair<NodeId, PeerRow>>> Peers::all(const ReadTxn& txn) const {
  std::vector<std::pair<NodeId, PeerRow>> out;
  KHUOI_TRY_VOID(
      peer_rows.each(txn, [&](const NodeId& peer, PeerRow& row) { out.emplace_back(peer, std::move(row)); }));
  return out;
}

Result<void> Peers::set_echoes_aside(Batch& batch) const {
  KHUOI_TRY(const auto peers, all(batch.txn));
  for (auto [peer, row] : peers) {
    if (!row.echoed.none()) row.superseded = row.echoed;
    row.echoed = Head{};
    row.restored = true;
    KHUOI_TRY_VOID(put(batch, peer, row));
  }
  return {};
}

Result<PeerRun> Peers::run(const ReadTxn& txn, const NodeId& peer, const RunKey& key) const {
  return run_rows.get_or_new(txn, {peer, key});
}

Result<void> Peers::put_run(Batch& batch, const NodeId& peer, const RunKey& key, const PeerRun& row) const {
  KHUOI_TRY(const bool counts, Unreceipted::counts(batch.txn, peer, key));
  if (!counts) return put_row(batch, peer, key, row);
  KHUOI_TRY(const RangeSet before, received_of(batch.txn, *this, peer, key));
  KHUOI_TRY_VOID(put_row(batch, peer, key, row));
  KHUOI_TRY(const RangeSet now, received_of(batch.txn, *this, peer, key));
  return Unreceipted::on_said(batch, peer, key, before, now);
}

Result<void> Peers::put_row(Batch& batch, const NodeId& peer, const RunKey& key, const PeerRun& row) {
  if (row.received.empty() && row.safe.empty() && row.sent.empty()) {
    return run_rows.erase(batch, {peer, key});
  }
  return run_rows.put(batch, {peer, key}, row);
}

Result<void> Peers::each_run(const ReadTxn& txn, const NodeId& peer,
                             const Visitor<const RunKey&, PeerRun&>& visit) const {
  return run_rows.each(txn, peer, [&](const auto& key, PeerRun& row) { return visit(key.second, row); });
}

Result<Passages::Numbers> Peers::mark_sent(Batch& batch, const NodeId& peer,
                                           const std::map<RunKey, RangeSet>& left) const {
  Passages::Numbers first;
  for (const auto& [key, numbers] : left) {
    KHUOI_TRY(auto present, run(batch.txn, peer, key));
    RangeSet news = numbers.minus(present.sent).minus(present.received);
    if (news.empty()) continue;
    present.sent.add(numbers);
    if (present.sent.ranges().size() > RangeSet::ranges_max) continue;  // too ragged for a hint
    KHUOI_TRY_VOID(put_run(batch, peer, key, present));
    first.emplace(key.run, std::move(news));
  }
  return first;
}

Result<Peers::PeerFile> Peers::file(const ReadTxn& txn, const NodeId& peer, const FileId& file) const {
  return file_rows.get_or_new(txn, {peer, file});
}

Result<void> Peers::put_file(Batch& batch, const NodeId& peer, const FileId& file, const PeerFile& row) const {
  return file_rows.put(batch, {peer, file}, row);
}

}  // namespace khuoi::sync
