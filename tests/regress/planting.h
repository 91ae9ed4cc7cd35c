#pragma once

#include "sync/log/run_writer.h"
#include "tests/support/second_writer.h"
#include "tests/sync/hostile_support.h"

namespace khuoi::tests {

/// One octet of a record turns over on the disk: its body no longer opens.
inline Result<void> turn_over(sync::WriteTxn& txn, const sync::Ref& ref) {
  KHUOI_TRY(const auto stored, txn.get(sync::Table::record, sync::key_of(ref)));
  Bytes value = to_bytes(*stored);
  value.back() ^= 1;
  return txn.put(sync::Table::record, sync::key_of(ref), value);
}

/// A dossier's row that does not decode.
inline Result<void> break_row(sync::WriteTxn& txn, const sync::DossierKey& key) {
  KHUOI_TRY(const auto found, sync::DossierPlaces::find(txn, key));
  return txn.put(sync::Table::dossier, octets_of_part(found->number), view_of("junk"));
}

/// Writes under the node's own name what no intake would, in a run of its own.
inline Result<sync::Ref> write_anything(sync::Replica& replica, sync::Batch& batch, const sync::Recipient& to,
                                        const sync::Body& body) {
  sync::RunWriter writer = sync::SecondWriter::of(replica);
  return writer.append(batch, to, sync::Rank::high, sync::Domain::general, body);
}

/// Says that a record stands in a dossier, as a store of an earlier version or a broken one may.
inline Result<void> put_into_row(sync::Replica& replica, sync::Batch& batch, const sync::DossierKey& key,
                                 const sync::Ref& ref, sync::Kind kind) {
  KHUOI_TRY(auto row, replica.dossiers().row(batch.txn, key));
  row->items.push_back({ref, kind});
  return replica.dossiers().put(batch, key, *row);
}

/// XML coded without any form.
inline Bytes bare_payload(const std::string& xml) { return sync::encode_payload(**sync::Model::make({}, {}), view_of(xml)); }

/// A payload that names a model nobody ever told of.
inline Bytes foreign_payload() {
  Bytes out = bare_payload("<data/>");
  out[0] ^= 0x5a;
  return out;
}

inline sync::DossierKey key_of_instance(TestNode& node, int number) {
  const HamletId hamlet = node.replica->self().is_commune() ? node.replica->roster().nodes().front()->hamlet : HamletId();
  return {hamlet, sync::dossier_id_of("uuid:" + uuid(number))};
}

inline sync::FormRecord record_of_form(const std::string& xml) {
  sync::FormRecord form;
  form.xml = to_bytes(view_of(xml));
  const auto facts = sync::read_form(form.xml);
  REQUIRE(facts);
  form.id = facts->id;
  form.version = facts->version;
  form.title = facts->title;
  return form;
}

/// As a commune of an earlier version did, which asked nothing.
inline void publish_unasked(TestNode& commune, const std::string& xml) {
  const sync::FormRecord form = record_of_form(xml);
  commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(write_anything(*commune.replica, batch, sync::Recipient::everyone(), form));
    return commune.replica->library().put_form(batch, form);
  });
  commune.start();
  commune.unlock();
}

}  // namespace khuoi::tests
