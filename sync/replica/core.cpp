#include "sync/replica/core.h"

namespace khuoi::sync {

std::optional<AuthorKeys> keys_of_author(const Core& core, const NodeId& author) {
  AuthorKeys out;
  if (author == core.self.node) {
    out.sign = core.keys.sign().public_key;
    out.seals_with = {core.keys.auth().public_key};
    return out;
  }
  if (const NodeFacts* facts = core.roster.node(author)) {
    out.sign = facts->sign;
    out.seals_with = {facts->auth};
    out.revoked = facts->revoked;
    out.facts = facts;
    return out;
  }
  const CommuneFacts* commune = core.roster.commune();
  if (commune != nullptr && commune->node == author) {
    out.sign = commune->sign;
    out.seals_with = {commune->kem.rbegin(), commune->kem.rend()};
    return out;
  }
  return std::nullopt;
}

Result<std::uint64_t> meta_number(const ReadTxn& txn, std::string_view name) {
  KHUOI_TRY(const auto value, txn.get(Table::meta, view_of(name)));
  if (!value) return std::uint64_t{0};
  Reader from(*value);
  const std::uint64_t out = from.u64();
  if (!from.done()) return fail(Errc::damaged, "store: the number '" + std::string(name) + "' does not decode");
  return out;
}

Result<void> put_meta_number(Batch& batch, std::string_view name, std::uint64_t value) {
  Bytes octets;
  Writer(octets).u64(value);
  return batch.txn.put(Table::meta, view_of(name), octets);
}

Result<Bytes> meta_octets(const ReadTxn& txn, std::string_view name) {
  KHUOI_TRY(const auto value, txn.get(Table::meta, view_of(name)));
  return value ? to_bytes(*value) : Bytes();
}

Result<void> put_meta_octets(Batch& batch, std::string_view name, ByteView value) {
  return batch.txn.put(Table::meta, view_of(name), value);
}

Lane lane_of(const Core& core, const NodeId& author, const AudienceId& audience, bool is_public) {
  if (is_public) return {author, audience_everyone()};
  const CommuneFacts* commune = core.roster.commune();
  const bool by_commune = commune != nullptr && author == commune->node;
  return by_commune ? Lane{author, audience} : Lane{author, AudienceId()};
}

namespace {
Bytes successor_name(const Lane& lane, const RunId& previous) {
  Bytes out = to_bytes(view_of("next/"));
  Writer(out).raw(lane.author.view()).raw(lane.audience.view()).raw(previous.view());
  return out;
}
}  // namespace

Result<std::optional<RunId>> successor_of(const ReadTxn& txn, const Lane& lane, const RunId& run) {
  KHUOI_TRY(const auto value, txn.get(Table::meta, successor_name(lane, run)));
  return value ? RunId::from(*value) : std::nullopt;
}

Result<std::optional<RunId>> note_successor(Batch& batch, const Lane& lane, const RunId& previous, const RunId& run) {
  KHUOI_TRY(const auto present, successor_of(batch.txn, lane, previous));
  if (present) return *present != run ? present : std::nullopt;
  KHUOI_TRY_VOID(batch.txn.put(Table::meta, successor_name(lane, previous), run.view()));
  return std::optional<RunId>();
}

Result<void> quarantine(Batch& batch, const Quarantined& item) {
  KHUOI_TRY(const std::uint64_t last, meta_number(batch.txn, "quarantine_last"));
  KHUOI_TRY_VOID(put_meta_number(batch, "quarantine_last", last + 1));
  Bytes key;
  Writer(key).u64(last + 1);
  Bytes value;
  Writer to(value);
  to.counted(view_of(item.why));
  write_ref(to, item.ref);
  to.u64(static_cast<std::uint64_t>(item.at.value)).counted(item.record);
  return batch.txn.put(Table::quarantine, key, value);
}

Result<std::vector<Quarantined>> quarantined(const ReadTxn& txn) {
  std::vector<Quarantined> out;
  KHUOI_TRY_VOID(txn.scan(Table::quarantine, {}, [&](ByteView, ByteView value) {
    Reader from(value);
    Quarantined item;
    item.why = std::string(text_of(from.counted(1024)));
    item.ref = read_ref(from);
    item.at.value = static_cast<std::int64_t>(from.u64());
    item.record = to_bytes(from.counted(2 * record_octets_max));
    if (from.done()) out.push_back(std::move(item));
    return true;
  }));
  return out;
}

Result<std::uint64_t> next_holdings_sequence(Batch& batch) {
  KHUOI_TRY(const std::uint64_t last, meta_number(batch.txn, "holdings_sequence"));
  KHUOI_TRY_VOID(put_meta_number(batch, "holdings_sequence", last + 1));
  return last + 1;
}

}  // namespace khuoi::sync
