#include "sync/peers/peers.h"

#include <tuple>

namespace khuoi::sync {

namespace {

constexpr std::size_t levels_max = 4;
constexpr std::uint64_t row_entries_max = 65536;  // Holdings::wants_max

Bytes run_key(const NodeId& peer, const RunKey& key) {
  Bytes out = to_bytes(peer.view());
  append(out, key_of(key));
  return out;
}

Bytes file_key(const NodeId& peer, const FileId& file) {
  Bytes out = to_bytes(peer.view());
  append(out, file.view());
  return out;
}

Error damaged() { return fail(Errc::damaged, "store: a peer's row does not decode; restore from a backup"); }

Bytes encode_row(const PeerRow& row) {
  Bytes out;
  Writer to(out);
  for (const Head* head : {&row.absorbed, &row.echoed, &row.stated, &row.superseded}) write_head(to, *head);
  to.u64(row.my_sequence).u64(static_cast<std::uint64_t>(row.stated_at.value)).u8(row.restored ? 1 : 0);
  to.u64(static_cast<std::uint64_t>(row.heard_at.value)).counted(view_of(row.heard_by));
  to.u64(row.received_octets_unacknowledged).u64(row.roster_digest);
  to.varint(row.wants.size());
  for (const auto& [key, numbers] : row.wants) {
    to.raw(key_of(key));
    numbers.encode(to);
  }
  to.varint(row.wants_models.size());
  for (const ModelHash& hash : row.wants_models) to.raw(hash.view());
  return out;
}

Result<PeerRow> decode_row(ByteView octets) {
  Reader from(octets);
  PeerRow row;
  for (Head* head : {&row.absorbed, &row.echoed, &row.stated, &row.superseded}) *head = read_head(from);
  // Earlier versions applied them. What it said stays; the next statement of an ordinary start replaces it.
  if (row.absorbed.is_void()) row.absorbed = Head{};
  row.my_sequence = from.u64();
  row.stated_at.value = static_cast<std::int64_t>(from.u64());
  row.restored = from.u8() != 0;
  row.heard_at.value = static_cast<std::int64_t>(from.u64());
  row.heard_by = std::string(text_of(from.counted(64)));
  row.received_octets_unacknowledged = from.u64();
  row.roster_digest = from.u64();
  const std::uint64_t wants = from.varint();
  if (wants > row_entries_max) return damaged();
  for (std::uint64_t i = 0; i < wants; ++i) {
    const RunKey key{NodeId(from.array<8>()), RunId(from.array<8>())};
    KHUOI_TRY(auto numbers, RangeSet::decode(from));
    row.wants.emplace_back(key, std::move(numbers));
  }
  const std::uint64_t models = from.varint();
  if (models > row_entries_max) return damaged();
  for (std::uint64_t i = 0; i < models && from.ok(); ++i) row.wants_models.emplace_back(from.array<4>());
  if (!from.done()) return damaged();
  return row;
}

Result<PeerRun> decode_run(ByteView octets) {
  Reader from(octets);
  PeerRun out;
  KHUOI_TRY(out.received, RangeSet::decode(from));
  KHUOI_TRY(out.safe, RangeSet::decode(from));
  KHUOI_TRY(out.sent, RangeSet::decode(from));
  if (!from.done()) return damaged();
  return out;
}

}  // namespace

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

Result<PeerRow> Peers::row(const ReadTxn& txn, const NodeId& peer) const {
  KHUOI_TRY(const auto value, txn.get(Table::peer, peer.view()));
  if (!value) return PeerRow{};
  return decode_row(*value);
}

Result<void> Peers::put(Batch& batch, const NodeId& peer, const PeerRow& row) const {
  return batch.txn.put(Table::peer, peer.view(), encode_row(row));
}

Result<std::vector<std::pair<NodeId, PeerRow>>> Peers::all(const ReadTxn& txn) const {
  std::vector<std::pair<NodeId, PeerRow>> out;
  Result<void> outcome;
  KHUOI_TRY_VOID(txn.scan(Table::peer, {}, [&](ByteView key, ByteView value) {
    const auto peer = NodeId::from(key);
    auto row = decode_row(value);
    if (!peer || !row) {
      outcome = damaged();
      return false;
    }
    out.emplace_back(*peer, std::move(*row));
    return true;
  }));
  if (!outcome) return outcome.error();
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
  KHUOI_TRY(const auto value, txn.get(Table::peer_run, run_key(peer, key)));
  if (!value) return PeerRun{};
  return decode_run(*value);
}

Result<void> Peers::put_run(Batch& batch, const NodeId& peer, const RunKey& key, const PeerRun& row) const {
  if (row.received.empty() && row.safe.empty() && row.sent.empty()) {
    return batch.txn.erase(Table::peer_run, run_key(peer, key));
  }
  Bytes out;
  Writer to(out);
  row.received.encode(to);
  row.safe.encode(to);
  row.sent.encode(to);
  return batch.txn.put(Table::peer_run, run_key(peer, key), out);
}

Result<void> Peers::each_run(const ReadTxn& txn, const NodeId& peer,
                             const std::function<bool(const RunKey&, const PeerRun&)>& visit) const {
  Result<void> outcome;
  KHUOI_TRY_VOID(scan_prefix(txn, Table::peer_run, peer.view(), [&](ByteView at, ByteView value) {
    Reader from(at.subspan(8));
    const RunKey key{NodeId(from.array<8>()), RunId(from.array<8>())};
    auto row = decode_run(value);
    if (!from.done() || !row) {
      outcome = damaged();
      return false;
    }
    return visit(key, *row);
  }));
  return outcome;
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
  KHUOI_TRY(const auto value, txn.get(Table::peer_file, file_key(peer, file)));
  if (!value) return PeerFile{};
  Reader from(*value);
  PeerFile out;
  out.complete = from.u8() != 0;
  KHUOI_TRY(out.held, read_held_chunks(from));
  if (!from.done()) return damaged();
  return out;
}

Result<void> Peers::put_file(Batch& batch, const NodeId& peer, const FileId& file, const PeerFile& row) const {
  Bytes out;
  Writer to(out);
  to.u8(row.complete ? 1 : 0);
  write_held_chunks(to, row.held);
  return batch.txn.put(Table::peer_file, file_key(peer, file), out);
}

}  // namespace khuoi::sync
