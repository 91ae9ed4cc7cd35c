// Records that cannot be judged yet.
#include <algorithm>

#include "sync/log/acceptor.h"
#include "sync/seal/hash.h"

namespace khuoi::sync {

namespace {
constexpr std::uint64_t waiting_octets_max = 1U << 20U;  // an author, design section 7

std::string waiting_counter(const NodeId& author) { return "waiting/" + author.hex(); }
}  // namespace

Result<Acceptance> Acceptor::put_waiting(Batch& batch, const Sealed& record, bool vouched) {
  const Ref ref = record.header.ref();
  // Several may claim one number until the opener tells which is real.
  Bytes value = whole_octets(record);
  Bytes key = key_of(ref);
  append(key, hash_id<Id<struct WaitingTag, 8>>(value).view());
  KHUOI_TRY(const auto present, batch.txn.get(Table::waiting, key));
  if (present && (present->back() == 1 || !vouched)) return Acceptance{Taken::waiting, false, {}};
  if (present) {
    value.push_back(1);  // now its author vouches for it
    KHUOI_TRY_VOID(batch.txn.put(Table::waiting, key, value));
    return Acceptance{Taken::waiting, false, {}};
  }
  const std::string counter = waiting_counter(ref.author);
  KHUOI_TRY(const std::uint64_t octets, meta_number(batch.txn, counter));
  value.push_back(vouched ? 1 : 0);
  if (octets + value.size() > waiting_octets_max) {
    return Acceptance{Taken::rejected, false, "too much of this author waits for an opener or a passphrase"};
  }
  KHUOI_TRY_VOID(put_meta_number(batch, counter, octets + value.size()));
  KHUOI_TRY_VOID(batch.txn.put(Table::waiting, key, value));
  // Its author believes that the opener is here: it shall hear what is.
  KHUOI_TRY(const RunRow* row, core_.runs.find(batch.txn, run_of(ref)));
  if (row == nullptr) {
    KHUOI_TRY_VOID(note_news(batch, ref.author, 0));
  }
  return Acceptance{Taken::waiting, false, {}};
}

Result<void> Acceptor::retry_waiting(Batch& batch, const RunKey& key) {
  std::vector<std::pair<Bytes, Bytes>> found;
  KHUOI_TRY_VOID(scan_prefix(batch.txn, Table::waiting, key_of(key), [&](ByteView at, ByteView value) {
    found.emplace_back(to_bytes(at), to_bytes(value));
    return true;
  }));
  for (const auto& [at, value] : found) {
    if (value.size() < Header::octets + 1) continue;
    const ByteView view(value);
    KHUOI_TRY(const Header header, decode_header(view.first(Header::octets)));
    const Sealed record{header, to_bytes(view.subspan(Header::octets, value.size() - Header::octets - 1))};
    KHUOI_TRY_VOID(batch.txn.erase(Table::waiting, at));
    const std::string counter = waiting_counter(header.author);
    KHUOI_TRY(const std::uint64_t octets, meta_number(batch.txn, counter));
    KHUOI_TRY_VOID(put_meta_number(batch, counter, octets - std::min<std::uint64_t>(octets, value.size())));
    KHUOI_TRY_VOID(accept(batch, record, value.back() == 1));
  }
  return {};
}

Result<void> Acceptor::open_what_waits(Batch& batch) {
  std::set<RunKey> waiting;
  KHUOI_TRY_VOID(batch.txn.scan(Table::waiting, {}, [&](ByteView key, ByteView) {
    if (const auto ref = ref_from_key(key.first(std::min<std::size_t>(key.size(), 20)))) waiting.insert(run_of(*ref));
    return true;
  }));
  for (const RunKey& key : waiting) {
    KHUOI_TRY_VOID(retry_waiting(batch, key));
  }
  std::vector<Ref> unopened;
  KHUOI_TRY_VOID(batch.txn.scan(Table::unopened, {}, [&](ByteView key, ByteView) {
    if (const auto ref = ref_from_key(key)) unopened.push_back(*ref);
    return true;
  }));
  for (const Ref& ref : unopened) {
    const auto plain = run_keys_.read(batch.txn, ref);
    if (!plain) {
      const Errc code = plain.error().code;
      if (code != Errc::unauthenticated) continue;  // still locked, or of a later version
      KHUOI_TRY_VOID(quarantine(batch, {"vouched for on the way, but it does not open", ref, batch.now.wall, {}}));
      KHUOI_TRY_VOID(batch.txn.erase(Table::unopened, key_of(ref)));
      continue;
    }
    KHUOI_TRY_VOID(batch.txn.erase(Table::unopened, key_of(ref)));
    KHUOI_TRY_VOID(apply_or_keep(batch, ref, *plain));
  }
  return rooms_.after_opening(batch);
}

}  // namespace khuoi::sync
