#include "sync/log/runs.h"

#include "sync/seal/hash.h"

namespace khuoi::sync {

namespace {
constexpr std::size_t cached_rows_max = 4096;
constexpr unsigned flag_peoples = 1, flag_erased = 2;
constexpr unsigned flag_public = 1, flag_local = 2, flag_forked = 4, flag_uncovered = 8, flag_health = 16;
}  // namespace

Bytes key_of(const RunKey& key) {
  Bytes out;
  out.reserve(16);
  Writer(out).raw(key.author.view()).raw(key.run.view());
  return out;
}

Bytes key_of(const Ref& ref) {
  Bytes out;
  out.reserve(20);
  Writer writer(out);
  write_ref(writer, ref);
  return out;
}

void write_ref(Writer& to, const Ref& ref) { to.raw(ref.author.view()).raw(ref.run.view()).u32(ref.number); }

Ref read_ref(Reader& from) {
  Ref out;
  out.author = NodeId(from.array<8>());
  out.run = RunId(from.array<8>());
  out.number = from.u32();
  return out;
}

std::optional<Ref> ref_from_key(ByteView key) {
  Reader from(key);
  const Ref ref = read_ref(from);
  return from.done() ? std::optional(ref) : std::nullopt;
}

Bytes encode(const RunRow& row) {
  Bytes out;
  Writer to(out);
  const unsigned flags = (row.is_public ? flag_public : 0U) | (row.local ? flag_local : 0U) |
                         (row.forked ? flag_forked : 0U) | (row.uncovered ? flag_uncovered : 0U) |
                         (row.domain == Domain::health ? flag_health : 0U);
  to.u8(static_cast<std::uint8_t>(flags)).raw(row.audience.view()).raw(encode_opener(row.opener)).u64(row.changed);
  row.held.encode(to);
  row.safe.encode(to);
  to.u32(row.chained_up_to).raw(row.chain);
  return out;
}

Result<RunRow> decode_run_row(ByteView octets) {
  Reader from(octets);
  RunRow row;
  const std::uint8_t flags = from.u8();
  row.is_public = (flags & flag_public) != 0;
  row.local = (flags & flag_local) != 0;
  row.forked = (flags & flag_forked) != 0;
  row.uncovered = (flags & flag_uncovered) != 0;
  row.domain = (flags & flag_health) != 0 ? Domain::health : Domain::general;
  row.audience = AudienceId(from.array<8>());
  KHUOI_TRY(row.opener, decode_opener(from.raw(opener_octets - 64)));
  row.changed = from.u64();
  KHUOI_TRY(row.held, RangeSet::decode(from));
  KHUOI_TRY(row.safe, RangeSet::decode(from));
  row.chained_up_to = from.u32();
  row.chain = from.array<32>();
  if (!from.done()) return fail(Errc::damaged, "store: a run's row does not decode; restore from a backup");
  return row;
}

Result<const RunRow*> Runs::find(const ReadTxn& txn, const RunKey& key) {
  const auto cached = cache_.find(key);
  if (cached != cache_.end()) return &cached->second;
  KHUOI_TRY(const auto value, txn.get(Table::run, key_of(key)));
  if (!value) return static_cast<const RunRow*>(nullptr);
  KHUOI_TRY(auto row, decode_run_row(*value));
  return &cache_.emplace(key, std::move(row)).first->second;
}

Result<RunRow*> Runs::edit(Batch& batch, const RunKey& key) {
  KHUOI_TRY(const RunRow* present, find(batch.txn, key));
  if (present == nullptr) cache_.emplace(key, RunRow{});
  dirty_.insert(key);
  return &cache_.at(key);
}

Result<void> Runs::flush(Batch& batch) {
  for (const RunKey& key : dirty_) {
    KHUOI_TRY_VOID(batch.txn.put(Table::run, key_of(key), encode(cache_.at(key))));
  }
  dirty_.clear();
  if (cache_.size() > cached_rows_max) cache_.clear();
  return {};
}

void Runs::forget() {
  cache_.clear();
  dirty_.clear();
}

Result<void> Runs::put_record(Batch& batch, const Ref& ref, const StoredRecord& record) {
  Bytes value;
  value.reserve(record.body.size() + 2);
  const unsigned flags = (record.peoples ? flag_peoples : 0U) | (record.erased ? flag_erased : 0U);
  Writer(value).u8(class_octet(record.record_class, record.rank)).u8(static_cast<std::uint8_t>(flags)).raw(record.body);
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
  Result<void> outcome;
  KHUOI_TRY_VOID(txn.scan(Table::record, key_of(Ref{key.author, key.run, first}), [&](ByteView at, ByteView value) {
    if (!starts_with(at, prefix)) return false;
    const auto ref = ref_from_key(at);
    const auto read = value.size() >= 2 ? read_class_octet(value[0]) : std::nullopt;
    if (!ref || !read) {
      outcome = fail(Errc::damaged, "store: a record does not decode; restore from a backup");
      return false;
    }
    return visit({*ref, read->first, read->second, (value[1] & flag_peoples) != 0, (value[1] & flag_erased) != 0,
                  value.subspan(2)});
  }));
  return outcome;
}

Result<void> Runs::each(const ReadTxn& txn, const std::function<bool(const RunKey&, const RunRow&)>& visit) {
  // Rows in the cache may be newer than the transaction's, or not there yet: both lists are walked in key order.
  std::map<RunKey, RunRow> changed;
  for (const RunKey& key : dirty_) changed.emplace(key, cache_.at(key));
  auto next_changed = changed.begin();
  Result<void> outcome;
  bool going = true;
  KHUOI_TRY_VOID(txn.scan(Table::run, {}, [&](ByteView at, ByteView value) {
    Reader from(at);
    RunKey key;
    key.author = NodeId(from.array<8>());
    key.run = RunId(from.array<8>());
    for (; next_changed != changed.end() && next_changed->first < key && going; ++next_changed) {
      going = visit(next_changed->first, next_changed->second);
    }
    if (!going) return false;
    if (next_changed != changed.end() && next_changed->first == key) {
      going = visit(key, next_changed->second);
      ++next_changed;
      return going;
    }
    auto row = decode_run_row(value);
    if (!row) {
      outcome = row.error();
      return false;
    }
    going = visit(key, *row);
    return going;
  }));
  if (!outcome) return outcome;
  for (; next_changed != changed.end() && going; ++next_changed) going = visit(next_changed->first, next_changed->second);
  return {};
}

Result<void> Runs::erase_run(Batch& batch, const RunKey& key) {
  std::vector<Bytes> keys;
  KHUOI_TRY_VOID(scan_prefix(batch.txn, Table::record, key_of(key), [&](ByteView at, ByteView) {
    keys.push_back(to_bytes(at));
    return true;
  }));
  for (const Bytes& at : keys) {
    KHUOI_TRY_VOID(batch.txn.erase(Table::record, at));
  }
  cache_.erase(key);
  dirty_.erase(key);
  return batch.txn.erase(Table::run, key_of(key));
}

}  // namespace khuoi::sync
