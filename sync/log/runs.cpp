#include "sync/log/runs.h"

#include "sync/log/outgoing.h"
#include "sync/seal/hash.h"
#include "sync/store/meta.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {
constexpr std::size_t cached_rows_max = 4096;
constexpr unsigned flag_peoples = 1, flag_erased = 2;
constexpr Rows<RunKey, RunRow> run_rows{Table::run, "a run"};
bool is_local(const RunRow& row) { return row.local && !row.held.empty(); }
}  // namespace

Bytes key_of(const RunKey& key) { return octets_of_part(key); }
Bytes key_of(const Ref& ref) { return octets_of_part(ref); }
void write_ref(Writer& to, const Ref& ref) { write_part(to, ref); }

Ref read_ref(Reader& from) {
  Ref out;
  read_part(from, out);
  return out;
}

std::optional<Ref> ref_from_key(ByteView key) { return part_of<Ref>(key); }

Result<RunRow> Runs::stored(const ReadTxn& txn, const RunKey& key) { return run_rows.get_or_new(txn, key); }

Result<const RunRow*> Runs::find(const ReadTxn& txn, const RunKey& key) {
  const auto cached = cache_.find(key);
  if (cached != cache_.end()) return &cached->second;
  KHUOI_TRY(auto row, run_rows.get(txn, key));
  return row ? &cache_.emplace(key, std::move(*row)).first->second : static_cast<const RunRow*>(nullptr);
}

Result<RunRow*> Runs::edit(Batch& batch, const RunKey& key) {
  KHUOI_TRY(const RunRow* present, find(batch.txn, key));
  if (present == nullptr) cache_.emplace(key, RunRow{});
  dirty_.insert(key);
  return &cache_.at(key);
}

Result<void> Runs::flush(Batch& batch) {
  // A statement given earlier bears at most this: what it lacks must be found to have changed later.
  KHUOI_TRY(const std::uint64_t sequence, meta_number(batch.txn, "holdings_sequence"));
  std::map<NodeId, HeldOf> counted;
  std::set<NodeId> to_count;
  for (const RunKey& key : dirty_) {
    RunRow& row = cache_.at(key);
    KHUOI_TRY(const RunRow before, run_rows.get_or_new(batch.txn, key));
    const bool news = key.author != self_ && !(row.held == before.held && row.safe == before.safe);
    if (news) row.changed = sequence;
    KHUOI_TRY_VOID(run_rows.put(batch, key, row));
    counting_ = true;
    more_.forks += std::uint64_t{row.forked} - std::uint64_t{before.forked};
    more_.local_runs += std::uint64_t{is_local(row)} - std::uint64_t{is_local(before)};
    if (key.author == self_) KHUOI_TRY_VOID(note_own(batch, key, before, row));
    if (!news || to_count.contains(key.author)) continue;
    auto held = counted.find(key.author);
    if (held == counted.end()) {
      KHUOI_TRY(auto present, held_of_rows.get(batch.txn, key.author));
      if (!present) to_count.insert(key.author);
      if (!present) continue;
      held = counted.emplace(key.author, std::move(*present)).first;
    }
    held->second.tally.remove(key.run, before.held, before.safe);
    held->second.tally.add(key.run, row.held, row.safe);
    held->second.note(key.run, sequence);
  }
  dirty_.clear();
  for (const NodeId& author : to_count) {
    KHUOI_TRY(counted[author], count(batch.txn, author, sequence));
  }
  for (const auto& [of, held] : counted) KHUOI_TRY_VOID(held_of_rows.put(batch, of, held));
  if (cache_.size() > cached_rows_max) cache_.clear();
  return {};
}

Result<void> Runs::note_own(Batch& batch, const RunKey& key, const RunRow& before, const RunRow& row) const {
  const RangeSet numbers = row.held.minus(before.held);
  if (numbers.empty()) return {};
  if (!row.local) KHUOI_TRY_VOID(Outgoing::note(batch, Outgoing::of(Outgoing::What::run, key.run)));
  return own_grew_ ? own_grew_(batch, key, row, numbers) : Result<void>();
}

void Runs::forget() {
  cache_.clear();
  dirty_.clear();
  more_ = {};
  counting_ = false;
}

std::vector<RunId> Runs::own_changed() const {
  std::vector<RunId> out;
  for (const RunKey& key : dirty_) {
    if (key.author == self_) out.push_back(key.run);
  }
  return out;
}

Result<void> Runs::put_record(Batch& batch, const Ref& ref, const StoredRecord& record) {
  Bytes value;
  value.reserve(record.body.size() + 2);
  const unsigned flags = (record.peoples ? flag_peoples : 0U) | (record.erased ? flag_erased : 0U);
  Writer(value).u8(class_octet(record.record_class, record.rank)).u8(static_cast<std::uint8_t>(flags)).raw(record.body);
  counting_ = true;
  if (record.peoples) {
    KHUOI_TRY(const auto before, batch.txn.get(Table::record, key_of(ref)));
    const bool counted = before && before->size() > 1 && ((*before)[1] & flag_peoples) != 0;
    if (!counted) ++more_.records;
  }
  return batch.txn.put(Table::record, key_of(ref), value);
}

namespace {
Result<StoredRecord> decode_stored(ByteView value) {
  Reader from(value);
  const auto read = read_class_octet(from.u8());
  const std::uint8_t flags = from.u8();
  if (!from.ok() || !read) return fail(Errc::damaged, "store: a record does not decode; restore from a backup");
  StoredRecord out;
  std::tie(out.record_class, out.rank) = *read;
  out.peoples = (flags & flag_peoples) != 0;
  out.erased = (flags & flag_erased) != 0;
  out.body = to_bytes(from.rest());
  return out;
}
}  // namespace

Result<std::optional<StoredRecord>> Runs::record(const ReadTxn& txn, const Ref& ref) const {
  KHUOI_TRY(const auto value, txn.get(Table::record, key_of(ref)));
  if (!value) return std::optional<StoredRecord>();
  KHUOI_TRY(auto out, decode_stored(*value));
  return std::optional(std::move(out));
}

Result<void> Runs::erase_body(Batch& batch, const Ref& ref) {
  KHUOI_TRY(auto stored, record(batch.txn, ref));
  if (!stored || stored->erased) return {};
  stored->erased = true;
  stored->body = Blake2b(32).add(stored->body).finish();
  return put_record(batch, ref, *stored);
}

Result<void> Runs::let_go(Batch& batch, const Ref& ref) {
  KHUOI_TRY_VOID(erase_body(batch, ref));
  KHUOI_TRY(auto stored, record(batch.txn, ref));
  if (!stored) return {};
  if (stored->peoples) --more_.records;
  stored->peoples = false;
  return put_record(batch, ref, *stored);
}

Header Runs::header(const Ref& ref, const RunRow& row, Class record_class, Rank rank) const {
  return {record_class, rank, row.local ? CommuneId() : commune_, ref.author, row.audience, ref.run, ref.number};
}

Result<Sealed> Runs::sealed(const ReadTxn& txn, const Ref& ref) {
  KHUOI_TRY(const RunRow* row, find(txn, run_of(ref)));
  KHUOI_TRY(auto stored, record(txn, ref));
  if (row == nullptr || !stored) {
    return fail(Errc::damaged, "store: record " + std::to_string(ref.number) + " of run " + ref.run.hex() +
                                   " is missing; restore from a backup");
  }
  if (stored->erased) return fail(Errc::not_found, "record " + std::to_string(ref.number) + " was erased");
  return Sealed{header(ref, *row, stored->record_class, stored->rank), std::move(stored->body)};
}

Result<void> Runs::each_record(const ReadTxn& txn, const RunKey& key, std::uint32_t first,
                               const RecordVisitor& visit) const {
  const Bytes prefix = key_of(key);
  return txn.scan(Table::record, key_of(Ref{key.author, key.run, first}),
                  [&](ByteView at, ByteView value) -> Result<Walk> {
                    if (!starts_with(at, prefix)) return Walk::stop;
                    const auto ref = ref_from_key(at);
                    const auto read = value.size() >= 2 ? read_class_octet(value[0]) : std::nullopt;
                    if (!ref || !read)
                      return fail(Errc::damaged, "store: a record does not decode; restore from a backup");
                    return visit({*ref, read->first, read->second, (value[1] & flag_peoples) != 0,
                                  (value[1] & flag_erased) != 0, value.subspan(2)});
                  });
}

Result<std::uint64_t> Runs::count_peoples(const ReadTxn& txn, const RunKey& key, const RangeSet& numbers) {
  std::uint64_t out = 0;
  const Bytes prefix = key_of(key);
  for (const auto& [first, last] : numbers.ranges()) {
    const Bytes end = key_of(Ref{key.author, key.run, last});
    KHUOI_TRY_VOID(txn.scan(Table::record, key_of(Ref{key.author, key.run, first}), [&](ByteView at, ByteView value) {
      if (!starts_with(at, prefix) || compare(at, end) > 0) return Walk::stop;
      if (value.size() > 1 && (value[1] & flag_peoples) != 0) ++out;
      return Walk::on;
    }));
  }
  return out;
}

/// Rows in the cache may be newer than the transaction's, or not there yet: both lists are walked in key order.
template <typename Prefix>
Result<void> Runs::each_in(const ReadTxn& txn, const Prefix& prefix, std::map<RunKey, RunRow> changed,
                           const Visitor<const RunKey&, const RunRow&>& visit) {
  auto next_changed = changed.begin();
  Walk walk = Walk::on;
  const auto visit_changed_before = [&](const RunKey* end) -> Result<void> {
    for (; walk == Walk::on && next_changed != changed.end() && (end == nullptr || next_changed->first < *end);
         ++next_changed) {
      KHUOI_TRY(walk, visit(next_changed->first, next_changed->second));
    }
    return {};
  };
  const auto visit_stored = [&](const RunKey& key, const RunRow& row) -> Result<Walk> {
    KHUOI_TRY_VOID(visit_changed_before(&key));
    if (walk == Walk::stop || (next_changed != changed.end() && next_changed->first == key)) return walk;
    KHUOI_TRY(walk, visit(key, row));
    return walk;
  };
  KHUOI_TRY_VOID(run_rows.each(txn, prefix, visit_stored));
  return visit_changed_before(nullptr);
}

Result<void> Runs::each(const ReadTxn& txn, const Visitor<const RunKey&, const RunRow&>& visit) {
  std::map<RunKey, RunRow> changed;
  for (const RunKey& key : dirty_) changed.emplace(key, cache_.at(key));
  return each_in(txn, std::tuple<>(), std::move(changed), visit);
}

Result<void> Runs::each_of(const ReadTxn& txn, const NodeId& author,
                           const Visitor<const RunKey&, const RunRow&>& visit) {
  std::map<RunKey, RunRow> changed;
  for (auto key = dirty_.lower_bound({author, RunId()}); key != dirty_.end() && key->author == author; ++key) {
    changed.emplace(*key, cache_.at(*key));
  }
  return each_in(txn, author, std::move(changed), visit);
}

Result<HeldOf> Runs::count(const ReadTxn& txn, const NodeId& author, std::uint64_t sequence) const {
  HeldOf out;
  out.listed_after = sequence;
  KHUOI_TRY_VOID(run_rows.each(txn, author, [&](const RunKey& key, const RunRow& row) {
    out.tally.add(key.run, row.held, row.safe);
  }));
  return out;
}

Result<Runs::Changed> Runs::all_of(const ReadTxn& txn, const NodeId& author) {
  Changed out;
  KHUOI_TRY_VOID(each_of(txn, author, [&](const RunKey& key, const RunRow& row) {
    if (row.held.empty()) return;
    out.tally.add(key.run, row.held, row.safe);
    out.runs.emplace_back(key.run, row);
  }));
  return out;
}

Result<void> Runs::count_again_unless(Batch& batch, const NodeId& author, const HeldTally& tally) {
  KHUOI_TRY(const auto held, held_of_rows.get(batch.txn, author));
  return held && held->tally != tally ? held_of_rows.erase(batch, author) : Result<void>();
}

Result<Runs::Changed> Runs::changed_since(const ReadTxn& txn, const NodeId& author, std::uint64_t sequence) {
  KHUOI_TRY(const auto held, held_of_rows.get(txn, author));
  if (!held || !dirty_.empty() || sequence < held->listed_after) {
    KHUOI_TRY(Changed out, all_of(txn, author));
    std::erase_if(out.runs, [&](const auto& one) { return one.second.changed <= sequence && !dirty_.contains({author, one.first}); });
    return out;
  }
  Changed out{held->tally, {}};
  for (const auto& [run, changed] : held->changed) {
    if (changed <= sequence) continue;
    KHUOI_TRY(const RunRow* row, find(txn, {author, run}));
    if (row != nullptr) out.runs.emplace_back(run, *row);
  }
  return out;
}

Result<void> Runs::erase_run(Batch& batch, const RunKey& key) {
  std::vector<Bytes> keys;
  KHUOI_TRY_VOID(scan_prefix(batch.txn, Table::record, key_of(key), [&](ByteView at, ByteView value) {
    keys.push_back(to_bytes(at));
    if (value.size() > 1 && (value[1] & flag_peoples) != 0) --more_.records;
  }));
  for (const Bytes& at : keys) {
    KHUOI_TRY_VOID(batch.txn.erase(Table::record, at));
  }
  KHUOI_TRY(const RunRow before, run_rows.get_or_new(batch.txn, key));
  more_.forks -= std::uint64_t{before.forked};
  more_.local_runs -= std::uint64_t{is_local(before)};
  counting_ = true;
  cache_.erase(key);
  dirty_.erase(key);
  return run_rows.erase(batch, key);
}

}  // namespace khuoi::sync
