#include "sync/dossiers/dossier_row.h"

namespace khuoi::sync {

namespace {
constexpr unsigned flag_conflict = 1, flag_erased = 2, flag_withdrawal = 4, flag_stale = 8, flag_health = 16,
                   flag_unreadable = 32;
}  // namespace

Bytes octets_of(const DossierKey& key) {
  Bytes out = to_bytes(key.hamlet.view());
  append(out, key.id.view());
  return out;
}

Result<DossierKey> decode_dossier_key(ByteView octets) {
  Reader from(octets);
  DossierKey out;
  out.hamlet = HamletId(from.array<8>());
  out.id = DossierId(from.array<16>());
  if (!from.done()) return fail(Errc::damaged, "store: a dossier's key does not decode; restore from a backup");
  return out;
}

Bytes encode_row(const DossierRow& row) {
  Bytes out;
  Writer to(out);
  const unsigned flags = (row.conflict ? flag_conflict : 0U) | (row.erased ? flag_erased : 0U) |
                         (row.withdrawal_asked ? flag_withdrawal : 0U) | (row.stale ? flag_stale : 0U) |
                         (row.domain == Domain::health ? flag_health : 0U) | (row.unreadable ? flag_unreadable : 0U);
  to.u32(row.number).raw(row.shown.view()).u8(row.state ? static_cast<std::uint8_t>(*row.state) : 0);
  to.u8(static_cast<std::uint8_t>(flags)).varint(row.items.size());
  for (const DossierRow::Item& item : row.items) {
    write_ref(to, item.ref);
    to.u8(static_cast<std::uint8_t>(item.kind));
  }
  to.varint(row.heads.size());
  for (const Ref& head : row.heads) write_ref(to, head);
  to.varint(row.seen.size());
  for (const Ref& ref : row.seen) write_ref(to, ref);
  return out;
}

Result<DossierRow> decode_row(ByteView octets) {
  Reader from(octets);
  DossierRow row;
  row.number = from.u32();
  row.shown = DossierId(from.array<16>());
  row.state = state_numbered(from.u8());
  const std::uint8_t flags = from.u8();
  row.conflict = (flags & flag_conflict) != 0;
  row.erased = (flags & flag_erased) != 0;
  row.withdrawal_asked = (flags & flag_withdrawal) != 0;
  row.stale = (flags & flag_stale) != 0;
  row.unreadable = (flags & flag_unreadable) != 0;
  row.domain = (flags & flag_health) != 0 ? Domain::health : Domain::general;
  const std::uint64_t items = from.varint();
  for (std::uint64_t i = 0; i < items && from.ok(); ++i) {
    const Ref ref = read_ref(from);
    row.items.push_back({ref, static_cast<Kind>(from.u8())});
  }
  const std::uint64_t heads = from.varint();
  for (std::uint64_t i = 0; i < heads && from.ok(); ++i) row.heads.push_back(read_ref(from));
  const std::uint64_t seen = from.varint();
  for (std::uint64_t i = 0; i < seen && from.ok(); ++i) row.seen.push_back(read_ref(from));
  if (!from.done()) return fail(Errc::damaged, "store: a dossier's row does not decode; restore from a backup");
  return row;
}

}  // namespace khuoi::sync
