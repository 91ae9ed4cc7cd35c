#include "sync/contact/custody.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "sync/log/core.h"
#include "sync/seal/hash.h"
#include "sync/wire/block.h"

namespace khuoi::sync {

namespace {
constexpr std::string_view octets_name = "carried/octets";
constexpr std::string_view order_name = "carried/order";
constexpr std::uint8_t by_order = 'o';
constexpr std::uint8_t by_name = 'n';
constexpr std::uint8_t by_author = 's';

Bytes order_key(std::uint64_t order) {
  Bytes out;
  Writer(out).u8(by_order).u64(order);
  return out;
}
Bytes name_key(const Custody::Name& name) {
  Bytes out;
  Writer(out).u8(by_name).raw(name);
  return out;
}
Bytes statement_key(const NodeId& author) {
  Bytes out;
  Writer(out).u8(by_author).raw(author.view());
  return out;
}

/// A row by order: kept at i64 | name 16 | the segment.
struct Row {
  std::int64_t kept_at = 0;
  Custody::Name name{};
  ByteView whole;
};
Row read_row(ByteView value) {
  Reader from(value);
  Row out;
  out.kept_at = static_cast<std::int64_t>(from.u64());
  out.name = from.array<16>();
  out.whole = from.rest();
  return out;
}

/// Oldest first, until the visitor says no.
Result<void> each_row(const ReadTxn& txn, const std::function<bool(const Row&)>& visit) {
  return txn.scan(Table::carried, order_key(0), [&](ByteView key, ByteView value) {
    return !key.empty() && key[0] == by_order && visit(read_row(value));
  });
}

Result<void> drop_all(Batch& batch, const std::vector<Custody::Name>& going) {
  for (const Custody::Name& name : going) KHUOI_TRY_VOID(Custody::drop(batch, name));
  return {};
}

/// Whether the commune holds all that its author wrote in a segment.
bool names_all(const Holdings& said, const Segment& segment) {
  const auto records = decode_block(segment.payload, segment.from.commune);
  if (!records) return true;  // nothing anyone could use
  std::map<RunId, const RangeSet*> held;
  for (const Holdings::RunHeld& run : said.runs) held.emplace(run.run, &run.received);
  return std::ranges::all_of(*records, [&](const Sealed& record) {
    const Header& header = record.header;
    if (header.author != segment.from.writer) return true;  // given back: whoever asked asks again
    const auto run = held.find(header.run);
    return run != held.end() && run->second->contains(header.number);
  });
}
}  // namespace

Custody::Name Custody::name_of(ByteView whole) { return hash_id<Id<struct CarriedTag, 16>>(whole).value; }

Result<bool> Custody::has(const ReadTxn& txn, const Name& name) {
  KHUOI_TRY(const auto row, txn.get(Table::carried, name_key(name)));
  return row.has_value();
}

Result<bool> Custody::keep(Batch& batch, const Segment& segment, std::uint64_t octets_max) {
  const std::uint64_t octets = segment.whole.size();
  if (octets > segment_octets_max || octets > octets_max) return false;
  const Name name = name_of(segment.whole);
  KHUOI_TRY(const bool present, has(batch.txn, name));
  if (present) return false;
  KHUOI_TRY(const auto stated, batch.txn.get(Table::carried, statement_key(segment.from.writer)));
  if (stated) {
    const auto said = decode_holdings(*stated);
    if (said && !said->head.is_void() && names_all(*said, segment)) return false;
  }
  KHUOI_TRY(const std::uint64_t order, meta_number(batch.txn, order_name));
  Bytes row;
  Writer(row).u64(static_cast<std::uint64_t>(batch.now.wall.value)).raw(name).raw(segment.whole);
  Bytes at;
  Writer(at).u64(order);
  KHUOI_TRY_VOID(batch.txn.put(Table::carried, order_key(order), row));
  KHUOI_TRY_VOID(batch.txn.put(Table::carried, name_key(name), at));
  KHUOI_TRY_VOID(put_meta_number(batch, order_name, order + 1));
  KHUOI_TRY(const std::uint64_t before, meta_number(batch.txn, octets_name));
  KHUOI_TRY_VOID(put_meta_number(batch, octets_name, before + octets));
  KHUOI_TRY_VOID(make_room(batch, octets_max));
  return has(batch.txn, name);
}

Result<void> Custody::make_room(Batch& batch, std::uint64_t octets_max) {
  KHUOI_TRY(std::uint64_t held, meta_number(batch.txn, octets_name));
  std::vector<Name> going;
  KHUOI_TRY_VOID(each_row(batch.txn, [&](const Row& row) {
    const bool old = std::abs(batch.now.wall.value - row.kept_at) > kept_seconds_max;  // clocks jump both ways
    if (held <= octets_max && !old) return false;
    held -= std::min<std::uint64_t>(held, row.whole.size());
    going.push_back(row.name);
    return true;
  }));
  return drop_all(batch, going);
}

Result<void> Custody::drop(Batch& batch, const Name& name) {
  KHUOI_TRY(const auto at, batch.txn.get(Table::carried, name_key(name)));
  if (!at) return {};
  KHUOI_TRY(const auto kept, whole(batch.txn, name));
  KHUOI_TRY_VOID(batch.txn.erase(Table::carried, order_key(Reader(*at).u64())));
  KHUOI_TRY_VOID(batch.txn.erase(Table::carried, name_key(name)));
  KHUOI_TRY(const std::uint64_t before, meta_number(batch.txn, octets_name));
  return put_meta_number(batch, octets_name, before - std::min<std::uint64_t>(before, kept ? kept->size() : 0));
}

Result<void> Custody::note_statement(Batch& batch, const Holdings& said, ByteView octets) {
  KHUOI_TRY(const auto present, batch.txn.get(Table::carried, statement_key(said.to)));
  if (said.head.is_void()) return {};
  const auto before = present ? decode_holdings(*present) : Result<Holdings>(fail(Errc::not_found, "nothing yet"));
  if (before && !before->head.is_void()) {
    const Head& head = before->head;
    const bool sets_aside = said.supersedes && *said.supersedes == head;
    // Two starts under one number are of two lives of the commune, and so is one that sets aside something as late as
    // what is noted here. Which of the two lasts nobody can tell here, so neither may stop anything from being carried.
    const bool other_life = (said.head.ordinal == head.ordinal && said.head.start != head.start) ||
                            (said.supersedes && !later(said.head, head) && said.head.start != head.start);
    if (!sets_aside && other_life) return batch.txn.erase(Table::carried, statement_key(said.to));
    if (!sets_aside && !later(said.head, head)) return {};
  }
  KHUOI_TRY_VOID(batch.txn.put(Table::carried, statement_key(said.to), octets));
  std::vector<Name> going;
  KHUOI_TRY_VOID(each_row(batch.txn, [&](const Row& row) {
    const auto segment = decode_segment(row.whole);
    const bool arrived = segment && segment->from.writer == said.to && names_all(said, *segment);
    if (!segment || arrived) going.push_back(row.name);
    return true;
  }));
  return drop_all(batch, going);
}

Result<std::vector<Custody::Name>> Custody::names(const ReadTxn& txn) {
  std::vector<Name> out;
  KHUOI_TRY_VOID(each_row(txn, [&](const Row& row) {
    out.push_back(row.name);
    return true;
  }));
  return out;
}

Result<std::optional<Bytes>> Custody::whole(const ReadTxn& txn, const Name& name) {
  KHUOI_TRY(const auto at, txn.get(Table::carried, name_key(name)));
  if (!at) return std::optional<Bytes>();
  const std::uint64_t order = Reader(*at).u64();
  KHUOI_TRY(const auto row, txn.get(Table::carried, order_key(order)));
  if (!row) return std::optional<Bytes>();
  return std::optional(to_bytes(read_row(*row).whole));
}

Result<Custody::Usage> Custody::usage(const ReadTxn& txn) {
  Usage out;
  KHUOI_TRY(out.octets, meta_number(txn, octets_name));
  KHUOI_TRY(const auto all, names(txn));
  out.segments = all.size();
  return out;
}

}  // namespace khuoi::sync
