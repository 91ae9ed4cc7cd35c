// Leaving a commune that turned out to be somebody else's: what people wrote here becomes local again, as before the
// grant, and everything that came from that commune or was said about it is forgotten.
#include <algorithm>
#include <array>

#include "sync/record/kinds.h"
#include "sync/replica/replica.h"

namespace khuoi::sync {

namespace {

/// Rows of table meta that speak of the commune, of other boxes or of runs towards them.
constexpr std::array<std::string_view, 15> of_the_commune{
    "authority",  "lane/commune", "next/",     "checkpoint/", "wants/", "passage/", "file_told/",
    "bundle/",    "emergency/",   "waiting/",  "quota/",      "carried/", "seen/",    "proof/",
    "heard/"};
constexpr std::array<Table, 8> tables_of_the_commune{Table::roster,  Table::peer,     Table::peer_run, Table::peer_file,
                                                     Table::waiting, Table::unopened, Table::item,     Table::carried};

Result<void> erase_prefix(Batch& batch, Table table, ByteView prefix) {
  std::vector<Bytes> keys;
  KHUOI_TRY_VOID(scan_prefix(batch.txn, table, prefix, [&](ByteView key, ByteView) {
    keys.push_back(to_bytes(key));
    return true;
  }));
  for (const Bytes& key : keys) {
    KHUOI_TRY_VOID(batch.txn.erase(table, key));
  }
  return {};
}

}  // namespace

Result<std::vector<Replica::OwnRecord>> Replica::records_to_take_along(Batch& batch) {
  std::vector<RunKey> runs;
  std::map<RunId, RunId> before;
  KHUOI_TRY_VOID(core_.runs.each(batch.txn, [&](const RunKey& key, const RunRow& row) {
    if (key.author != core_.self.node || row.local || row.is_public) return true;
    runs.push_back(key);
    before.emplace(key.run, row.opener.previous);
    return true;
  }));
  in_order_of_writing(runs, before);
  std::vector<OwnRecord> out;
  for (const RunKey& key : runs) {
    KHUOI_TRY(const RunRow* row, core_.runs.find(batch.txn, key));
    KHUOI_TRY(const PeerRun told, peers_.run(batch.txn, core_.self.commune_node, key));
    std::vector<std::pair<Ref, Rank>> refs;
    bool receipted = false;
    KHUOI_TRY_VOID(core_.runs.each_record(batch.txn, key, 2, [&](const RecordView& record) {
      receipted = receipted || (record.peoples && told.received.contains(record.ref.number));
      if (!record.erased) refs.emplace_back(record.ref, record.rank);
      return true;
    }));
    if (receipted) {
      return fail(Errc::denied, "the commune has signed a receipt for dossiers of this box: it stays with that commune. To "
                                "join another one, 'khuoi export' them, and 'khuoi init' in a new folder");
    }
    for (const auto& [ref, rank] : refs) {
      auto plain = run_keys_.read(batch.txn, ref);
      if (!plain && !core_.keys.open(row->domain)) {
        return fail(Errc::locked, "locked: leaving seals again what was written here, so it needs a passphrase that opens "
                                  "both general and health");
      }
      if (!plain) return plain.error();
      if (facts_of(plain->kind).of_the_hamlet) out.push_back({ref, rank, row->domain, std::move(*plain)});
    }
  }
  return out;
}

Result<void> Replica::forget_commune(Batch& batch) {
  std::vector<RunKey> runs;
  KHUOI_TRY_VOID(core_.runs.each(batch.txn, [&](const RunKey& key, const RunRow& row) {
    if (!row.local) runs.push_back(key);
    return true;
  }));
  for (const RunKey& key : runs) {
    run_keys_.forget(key);
    KHUOI_TRY_VOID(batch.txn.erase(Table::meta, view_of("uncovered/" + key.run.hex())));
    KHUOI_TRY_VOID(core_.runs.erase_run(batch, key));
  }
  for (const Table table : tables_of_the_commune) {
    KHUOI_TRY_VOID(erase_prefix(batch, table, {}));
  }
  for (const std::string_view name : of_the_commune) {
    KHUOI_TRY_VOID(erase_prefix(batch, Table::meta, view_of(name)));
  }
  KHUOI_TRY_VOID(batch.txn.erase(Table::keys, view_of("radio_group")));
  // That commune could have opened this box with it.
  KHUOI_TRY_VOID(Keyring::erase_recovery_slots(batch));
  receipts_.forget_time();
  return load_self(batch.txn);
}

/// What the commune said of a dossier goes; what people wrote here stays, under its new numbers.
Result<void> Replica::keep_own_of_dossiers(Batch& batch) {
  std::vector<std::pair<DossierKey, DossierRow>> rows;
  KHUOI_TRY_VOID(dossiers_.each_key(batch.txn, [&](const DossierKey& key, const DossierRow& row) {
    rows.emplace_back(key, row);
    return true;
  }));
  for (auto& [key, row] : rows) {
    const auto foreign = [&](const Ref& ref) { return ref.author != core_.self.node; };
    const std::size_t had = row.items.size();
    std::erase_if(row.items, [&](const DossierRow::Item& item) { return foreign(item.ref); });
    std::erase_if(row.heads, foreign);
    std::erase_if(row.seen, foreign);
    if (row.items.size() == had) continue;
    row.state = {};
    row.stale = !row.erased;
    KHUOI_TRY_VOID(dossiers_.put(batch, key, row));
  }
  return dossiers_.refold_stale(batch);
}

Result<void> Replica::leave_commune(Batch& batch) {
  if (core_.self.is_commune()) return fail(Errc::denied, "a commune belongs to itself");
  if (!core_.self.granted()) return fail(Errc::denied, "this box belongs to no commune");
  KHUOI_TRY_VOID(core_.runs.flush(batch));
  KHUOI_TRY(auto records, records_to_take_along(batch));
  writer_.end_runs();
  KHUOI_TRY_VOID(forget_commune(batch));
  std::map<Ref, Ref> replaced;
  for (OwnRecord& one : records) {
    rename_refs(one.plain.body, replaced);
    const Recipient own = commune_recipient(core_, one.domain);
    KHUOI_TRY(const Ref next, writer_.append(batch, own, one.rank, one.domain, one.plain.body));
    replaced.emplace(one.ref, next);
    if (const auto* manifest = std::get_if<Manifest>(&one.plain.body)) {
      KHUOI_TRY_VOID(Files::note(batch, manifest->file, own.audience, core_.self.node));
    }
  }
  KHUOI_TRY_VOID(dossiers_.replace_refs(batch, replaced));
  KHUOI_TRY_VOID(intake_.replace_refs(batch, replaced));
  return keep_own_of_dossiers(batch);
}

}  // namespace khuoi::sync
