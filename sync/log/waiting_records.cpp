#include "sync/log/waiting_records.h"

#include <algorithm>

#include "sync/seal/hash.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {
constexpr std::uint64_t waiting_octets_max = 1U << 20U;  // an author, design section 7
constexpr Rows<NodeId, std::uint64_t> waiting_octets{Note::waiting, "how much of an author waits"};
/// The last octet of a value.
enum : std::uint8_t { nobody_vouched = 0, author_vouched = 1, was_acknowledged = 2 };

Bytes key_of_value(const Ref& ref, ByteView whole) {
  Bytes out = key_of(ref);
  append(out, hash_id<Id<struct WaitingTag, 8>>(whole).view());
  return out;
}
}  // namespace

Bytes whole_octets(const Sealed& record) {
  Bytes out = to_bytes(record.header.encoded());
  append(out, record.body);
  return out;
}

Result<WaitingRecords::Put> WaitingRecords::put(Batch& batch, const Sealed& record, bool vouched) {
  const Ref ref = record.header.ref();
  Bytes value = whole_octets(record);
  const Bytes key = key_of_value(ref, value);
  KHUOI_TRY(const auto present, batch.txn.get(Table::waiting, key));
  if (present && (present->back() == author_vouched || !vouched)) return Put::known;
  if (present) {
    value.push_back(author_vouched);  // now
    KHUOI_TRY_VOID(batch.txn.put(Table::waiting, key, value));
    return Put::known;
  }
  KHUOI_TRY(const std::uint64_t octets, waiting_octets.get_or_new(batch.txn, ref.author));
  value.push_back(vouched ? author_vouched : nobody_vouched);
  if (octets + value.size() > waiting_octets_max) return Put::no_room;
  KHUOI_TRY_VOID(waiting_octets.put(batch, ref.author, octets + value.size()));
  KHUOI_TRY_VOID(batch.txn.put(Table::waiting, key, value));
  return Put::added;
}

Result<void> WaitingRecords::note_acknowledged(Batch& batch, const Sealed& record) {
  KHUOI_TRY(const Put done, put(batch, record, false));
  if (done == Put::no_room) return {};
  Bytes value = whole_octets(record);
  const Bytes key = key_of_value(record.header.ref(), value);
  KHUOI_TRY(const auto present, batch.txn.get(Table::waiting, key));
  if (present->back() == author_vouched) return {};
  value.push_back(was_acknowledged);
  return batch.txn.put(Table::waiting, key, value);
}

Result<std::vector<WaitingRecords::One>> WaitingRecords::take(Batch& batch, const RunKey& key) {
  std::vector<std::pair<Bytes, Bytes>> found;
  KHUOI_TRY_VOID(scan_prefix(batch.txn, Table::waiting, key_of(key),
                             [&](ByteView at, ByteView value) { found.emplace_back(to_bytes(at), to_bytes(value)); }));
  std::vector<One> out;
  for (const auto& [at, value] : found) {
    if (value.size() < Header::octets + 1) continue;
    const ByteView view(value);
    KHUOI_TRY(const Header header, decode_header(view.first(Header::octets)));
    out.push_back({{header, to_bytes(view.subspan(Header::octets, value.size() - Header::octets - 1))},
                   value.back() == author_vouched,
                   value.back() == was_acknowledged});
    KHUOI_TRY_VOID(batch.txn.erase(Table::waiting, at));
    KHUOI_TRY(const std::uint64_t octets, waiting_octets.get_or_new(batch.txn, header.author));
    KHUOI_TRY_VOID(octets > value.size() ? waiting_octets.put(batch, header.author, octets - value.size())
                                         : waiting_octets.erase(batch, header.author));
  }
  return out;
}

Result<std::set<RunKey>> WaitingRecords::runs(const ReadTxn& txn) {
  std::set<RunKey> out;
  KHUOI_TRY_VOID(txn.scan(Table::waiting, {}, [&](ByteView key, ByteView) {
    if (const auto ref = ref_from_key(key.first(std::min<std::size_t>(key.size(), 20)))) out.insert(run_of(*ref));
  }));
  return out;
}

}  // namespace khuoi::sync
