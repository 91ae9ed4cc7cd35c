#include "node/acts/send_now.h"

#include <algorithm>

#include "sync/contact/radio/elements.h"
#include "sync/peers/hastened.h"
#include "sync/peers/radio_marks.h"
#include "sync/peers/reach.h"

namespace khuoi::node {

using sync::DossierRow;
using sync::Ref;

Result<OwnWaiting> own_waiting(sync::ReplicaReader& reader, const sync::ReadTxn& txn, const DossierRow& row) {
  OwnWaiting out;
  const sync::Self& self = reader.self();
  if (self.is_commune() || !self.granted() || row.erased) return out;
  sync::CommuneHolds holds = reader.views().commune_holds(txn);
  KHUOI_TRY(const auto asked, sync::Hastened::all(txn));
  out.urgent = out.hastened = true;
  for (const DossierRow::Item& item : row.items) {
    const Ref& ref = item.ref;
    if (ref.author != self.node) continue;
    KHUOI_TRY(const sync::Reach reach, holds.reach_of(ref));
    if (reach.received) continue;
    KHUOI_TRY(const auto record, reader.runs().record(txn, ref));
    if (!record || record->erased || record->rank == sync::Rank::low) continue;
    KHUOI_TRY(const sync::RadioMark mark, sync::RadioMarks::of(txn, self.commune_node, run_of(ref)));
    out.too_large =
        out.too_large || record->body.size() > sync::radio_record_octets_max || mark.refused.contains(ref.number);
    out.urgent = out.urgent && record->rank == sync::Rank::urgent;
    const auto run = asked.find(ref.run);
    out.hastened = out.hastened && run != asked.end() && run->second.contains(ref.number);
    out.refs.push_back(ref);
  }
  out.urgent = out.urgent && !out.refs.empty();
  out.hastened = out.hastened && !out.refs.empty();
  return out;
}

Result<void> send_now(sync::Replica& replica, sync::Batch& batch, const sync::DossierKey& key, bool has_radio) {
  const sync::Self& self = replica.self();
  if (self.is_commune()) return fail(Errc::denied, "only a hamlet sends a dossier: say so at its box");
  if (!self.granted()) return fail(Errc::denied, "this hamlet is not enrolled yet: its dossiers wait for the grant");
  if (!has_radio)
    return fail(Errc::unsupported, "this box has no radio: start 'khuoi serve' with --radio, or use a stick");
  KHUOI_TRY(const auto row, replica.dossiers().row(batch.txn, key));
  if (!row) return fail(Errc::not_found, "no dossier has the id " + key.id.hex());
  KHUOI_TRY(const OwnWaiting waiting, own_waiting(replica.reader(), batch.txn, *row));
  if (waiting.refs.empty())
    return fail(Errc::not_found, "the commune has all of this dossier but its photos, which never go by radio");
  if (waiting.too_large) {
    return fail(Errc::too_large,
                "a record of this dossier is larger than radio takes (16 KiB): it goes by stick or fiber");
  }
  for (const Ref& ref : waiting.refs) KHUOI_TRY_VOID(sync::Hastened::add(batch, ref));
  return {};
}

}  // namespace khuoi::node
