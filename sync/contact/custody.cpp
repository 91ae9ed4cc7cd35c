#include "sync/contact/custody.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "sync/log/core.h"
#include "sync/seal/hash.h"
#include "sync/store/rows.h"
#include "sync/wire/block.h"

namespace khuoi::sync {

namespace {
/// A segment, with its name and when it came.
struct Carried {
  std::int64_t kept_at = 0;
  Custody::Name name{};
  ByteView whole;
  static auto parts(auto& row) { return parts_of(row.kept_at, row.name, row.whole); }
};
constexpr Rows<std::uint64_t, Carried> segments{Table::carried, 'o', "a segment"};  // oldest first
constexpr Rows<Custody::Name, std::uint64_t> orders{Table::carried, 'n', "the order of a segment"};

/// What the commune told a box that it holds of its records, as far as this node heard.
struct Told {
  Head head;
  std::vector<std::pair<RunId, RangeSet>> runs;
  static constexpr std::size_t runs_max = 200'000;
  static auto parts(auto& told) { return parts_of(told.head, List(told.runs, runs_max)); }
};
constexpr std::uint8_t told_now = 0;  // begins a row; what an earlier program kept is a statement of version 1, as signed
constexpr Rows<NodeId, Bytes> told_rows{Table::carried, 's', "what the commune told a box"};
constexpr Rows<std::tuple<>, std::uint64_t> octets_carried{Note::carried_octets, "the size of all segments"};
constexpr Rows<std::tuple<>, std::uint64_t> next_order{Note::carried_order, "the order of the next segment"};

Result<void> drop_all(Batch& batch, const std::vector<Custody::Name>& going) {
  for (const Custody::Name& name : going) KHUOI_TRY_VOID(Custody::drop(batch, name));
  return {};
}

std::vector<std::pair<RunId, RangeSet>> runs_of(const Holdings& said) {
  std::vector<std::pair<RunId, RangeSet>> out;
  for (const Holdings::RunHeld& run : said.runs) out.emplace_back(run.run, run.received);
  return out;
}

/// None: nothing, or what cannot be right.
Result<std::optional<Told>> told(const ReadTxn& txn, const NodeId& box) {
  KHUOI_TRY(const auto row, told_rows.get(txn, box));
  if (!row || row->empty()) return std::optional<Told>();
  auto out = std::optional<Told>();
  if (row->front() == told_now) {
    out = part_of<Told>(ByteView(*row).subspan(1));
  } else if (const auto said = decode_holdings(*row)) {
    out = Told{said->head, runs_of(*said)};
  }
  return out && !out->head.is_void() ? std::move(out) : std::nullopt;
}

/// Whether the commune holds all that its author wrote in a segment.
bool names_all(const Told& said, const Segment& segment) {
  const auto records = decode_block(segment.payload, segment.from.commune);
  if (!records) return true;  // nothing anyone could use
  std::map<RunId, const RangeSet*> held;
  for (const auto& [run, received] : said.runs) held.emplace(run, &received);
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
  KHUOI_TRY(const auto order, orders.get(txn, name));
  return order.has_value();
}

Result<bool> Custody::keep(Batch& batch, const Segment& segment, std::uint64_t octets_max) {
  const std::uint64_t octets = segment.whole.size();
  if (octets > segment_octets_max || octets > octets_max) return false;
  const Name name = name_of(segment.whole);
  KHUOI_TRY(const bool present, has(batch.txn, name));
  if (present) return false;
  KHUOI_TRY(const auto said, told(batch.txn, segment.from.writer));
  if (said && names_all(*said, segment)) return false;
  KHUOI_TRY(const std::uint64_t order, next_order.get_or_new(batch.txn, {}));
  KHUOI_TRY_VOID(segments.put(batch, order, {batch.now.wall.value, name, segment.whole}));
  KHUOI_TRY_VOID(orders.put(batch, name, order));
  KHUOI_TRY_VOID(next_order.put(batch, {}, order + 1));
  KHUOI_TRY(const std::uint64_t before, octets_carried.get_or_new(batch.txn, {}));
  KHUOI_TRY_VOID(octets_carried.put(batch, {}, before + octets));
  KHUOI_TRY_VOID(make_room(batch, octets_max));
  return has(batch.txn, name);
}

Result<void> Custody::make_room(Batch& batch, std::uint64_t octets_max) {
  KHUOI_TRY(std::uint64_t held, octets_carried.get_or_new(batch.txn, {}));
  std::vector<Name> going;
  KHUOI_TRY_VOID(segments.each(batch.txn, [&](std::uint64_t, const Carried& row) {
    const bool old = std::abs(batch.now.wall.value - row.kept_at) > kept_seconds_max;  // clocks jump both ways
    if (held <= octets_max && !old) return Walk::stop;
    held -= std::min<std::uint64_t>(held, row.whole.size());
    going.push_back(row.name);
    return Walk::on;
  }));
  return drop_all(batch, going);
}

Result<void> Custody::drop(Batch& batch, const Name& name) {
  KHUOI_TRY(const auto order, orders.get(batch.txn, name));
  if (!order) return {};
  KHUOI_TRY(const Carried row, segments.get_or_new(batch.txn, *order));
  const std::uint64_t octets = row.whole.size();
  KHUOI_TRY_VOID(segments.erase(batch, *order));
  KHUOI_TRY_VOID(orders.erase(batch, name));
  KHUOI_TRY(const std::uint64_t before, octets_carried.get_or_new(batch.txn, {}));
  return octets_carried.put(batch, {}, before - std::min(before, octets));
}

namespace {
/// One that is not whole is laid over what the same start told before: of another start, only what it lists is known.
Told laid_over(std::optional<Told> before, const Holdings& said) {
  Told out{said.head, runs_of(said)};
  if (said.whole || !before || before->head.start != said.head.start) return out;
  std::set<RunId> listed;
  for (const auto& [run, received] : out.runs) listed.insert(run);
  for (auto& one : before->runs) {
    if (!listed.contains(one.first)) out.runs.push_back(std::move(one));
  }
  std::erase_if(out.runs, [](const auto& one) { return one.second.empty(); });
  if (out.runs.size() > Told::runs_max) out.runs.resize(Told::runs_max);
  return out;
}
}  // namespace

Result<void> Custody::note_statement(Batch& batch, const Holdings& said) {
  KHUOI_TRY(auto before, told(batch.txn, said.to));
  if (said.head.is_void()) return {};
  if (before) {
    const Head& head = before->head;
    const bool sets_aside = said.supersedes && *said.supersedes == head;
    // Two starts under one number are of two lives of the commune, and so is one that sets aside something as late as
    // what is noted here. Which of the two lasts nobody can tell here, so neither may stop anything from being carried.
    const bool other_life = (said.head.ordinal == head.ordinal && said.head.start != head.start) ||
                            (said.supersedes && !later(said.head, head) && said.head.start != head.start);
    if (!sets_aside && other_life) return told_rows.erase(batch, said.to);
    if (!sets_aside && !later(said.head, head)) return {};
  }
  const Told now = laid_over(std::move(before), said);
  Bytes octets{told_now};
  append(octets, octets_of_part(now));
  KHUOI_TRY_VOID(told_rows.put(batch, said.to, octets));
  std::vector<Name> going;
  KHUOI_TRY_VOID(segments.each(batch.txn, [&](std::uint64_t, const Carried& row) {
    const auto segment = decode_segment(row.whole);
    const bool arrived = segment && segment->from.writer == said.to && names_all(now, *segment);
    if (!segment || arrived) going.push_back(row.name);
  }));
  return drop_all(batch, going);
}

Result<std::vector<Custody::Name>> Custody::names(const ReadTxn& txn) {
  std::vector<Name> out;
  KHUOI_TRY_VOID(segments.each(txn, [&](std::uint64_t, const Carried& row) { out.push_back(row.name); }));
  return out;
}

Result<std::optional<Bytes>> Custody::whole(const ReadTxn& txn, const Name& name) {
  KHUOI_TRY(const auto order, orders.get(txn, name));
  KHUOI_TRY(const auto row, order ? segments.get(txn, *order) : Result<std::optional<Carried>>(std::nullopt));
  return row ? std::optional(to_bytes(row->whole)) : std::nullopt;
}

Result<Custody::Usage> Custody::usage(const ReadTxn& txn) {
  Usage out;
  KHUOI_TRY(out.octets, octets_carried.get_or_new(txn, {}));
  // Each stands there by its order and by its name; what was told to boxes is a row a box.
  KHUOI_TRY(const auto boxes, told_rows.keys(txn));
  KHUOI_TRY(const std::uint64_t entries, txn.entries(Table::carried));
  out.segments = (entries - std::min<std::uint64_t>(entries, boxes.size())) / 2;
  return out;
}

}  // namespace khuoi::sync
