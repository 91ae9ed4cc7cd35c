#include "sync/replica/resealing.h"

#include <algorithm>
#include <array>

#include "sync/membership/group_keys.h"
#include "sync/peers/radio_marks.h"
#include "sync/peers/unreceipted.h"
#include "sync/peers/untold.h"
#include "sync/record/kinds.h"

namespace khuoi::sync {

namespace {

constexpr std::array<Table, 8> tables_of_the_commune{Table::roster,  Table::peer,     Table::peer_run, Table::peer_file,
                                                     Table::waiting, Table::unopened, Table::item,     Table::carried};

Result<void> erase_from(Batch& batch, Table table, ByteView first) {
  std::vector<Bytes> keys;
  KHUOI_TRY_VOID(batch.txn.scan(table, first, [&](ByteView key, ByteView) { keys.push_back(to_bytes(key)); }));
  for (const Bytes& key : keys) {
    KHUOI_TRY_VOID(batch.txn.erase(table, key));
  }
  return {};
}

/// The chain of openers tells which run came first; their ids are random.
void in_order_of_writing(std::vector<RunKey>& runs, const std::map<RunId, RunId>& before) {
  std::map<RunId, std::size_t> place;
  for (const auto& [run, previous] : before) {
    std::size_t steps = 0;
    for (auto at = before.find(previous); at != before.end() && steps < before.size(); at = before.find(at->second)) ++steps;
    place.emplace(run, steps);
  }
  std::ranges::sort(runs, {}, [&](const RunKey& key) { return std::pair(place.at(key.run), key); });
}

void rename_refs(Body& body, const std::map<Ref, Ref>& replaced) {
  const auto rename = [&](Ref& ref) {
    if (const auto found = replaced.find(ref); found != replaced.end()) ref = found->second;
  };
  each_ref(body, rename);
}

}  // namespace

Result<std::vector<Resealing::OwnRecord>> Resealing::records_to_take_along(Batch& batch) {
  std::vector<RunKey> runs;
  std::map<RunId, RunId> before;
  KHUOI_TRY_VOID(core_.runs.each(batch.txn, [&](const RunKey& key, const RunRow& row) {
    if (key.author != core_.self.node || row.local || row.is_public) return;
    runs.push_back(key);
    before.emplace(key.run, row.opener.previous);
  }));
  in_order_of_writing(runs, before);
  std::vector<OwnRecord> out;
  for (const RunKey& key : runs) {
    KHUOI_TRY(const RunRow* row, core_.runs.find(batch.txn, key));
    KHUOI_TRY(const PeerRun told, peers_.run(batch.txn, core_.self.commune_node, key));
    KHUOI_TRY(const RadioMark by_radio, RadioMarks::of(batch.txn, core_.self.commune_node, key));
    std::vector<std::pair<Ref, Rank>> refs;
    bool receipted = false;
    KHUOI_TRY_VOID(core_.runs.each_record(batch.txn, key, 2, [&](const RecordView& record) {
      const bool there = told.received.contains(record.ref.number) || by_radio.received.contains(record.ref.number);
      receipted = receipted || (record.peoples && there);
      if (!record.erased) refs.emplace_back(record.ref, record.rank);
    }));
    if (receipted) {
      return fail(Errc::denied, "the commune has told that it holds dossiers of this box: it stays with that commune. To "
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

Result<void> Resealing::forget_commune(Batch& batch) {
  std::vector<RunKey> runs;
  KHUOI_TRY_VOID(core_.runs.each(batch.txn, [&](const RunKey& key, const RunRow& row) {
    if (!row.local) runs.push_back(key);
  }));
  for (const RunKey& key : runs) {
    run_keys_.forget(key);
    KHUOI_TRY_VOID(uncovered_runs.erase(batch, key.run));
    KHUOI_TRY_VOID(core_.runs.erase_run(batch, key));
  }
  for (const Table table : tables_of_the_commune) {
    KHUOI_TRY_VOID(erase_from(batch, table, {}));
  }
  for (const Table table : {Table::note, Table::node}) {
    KHUOI_TRY_VOID(erase_from(batch, table, Bytes{kinds_of_the_commune}));
  }
  KHUOI_TRY_VOID(batch.txn.erase(Table::meta, view_of("authority")));
  KHUOI_TRY_VOID(GroupKeys::forget(batch));
  // That commune could have opened this box with it.
  KHUOI_TRY_VOID(Keyring::erase_recovery_slots(batch));
  core_.since_start.told_time().forget();
  return core_.reload(batch.txn);
}

/// What the commune said of a dossier goes; what people wrote here stays, under its new numbers.
Result<void> Resealing::keep_own_of_dossiers(Batch& batch) {
  std::vector<std::pair<DossierKey, DossierRow>> rows;
  KHUOI_TRY_VOID(dossiers_.each_key(
      batch.txn, [&](const DossierKey& key, const DossierRow& row) { rows.emplace_back(key, row); }));
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

Result<void> Resealing::leave_commune(Batch& batch) {
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
      KHUOI_TRY_VOID(note_file(batch, core_, manifest->file, own.audience, core_.self.node));
    }
  }
  KHUOI_TRY_VOID(dossiers_.replace_refs(batch, replaced));
  KHUOI_TRY_VOID(intake_.replace_refs(batch, replaced));
  return keep_own_of_dossiers(batch);
}

Result<bool> Resealing::reseal_local(Batch& batch) {
  KHUOI_TRY_VOID(core_.runs.flush(batch));
  KHUOI_TRY(const auto counted, core_.runs.totals(batch.txn));
  if (counted && counted->local_runs == 0) return true;
  std::vector<RunKey> local;
  std::map<RunId, RunId> before;
  KHUOI_TRY_VOID(core_.runs.each(batch.txn, [&](const RunKey& key, const RunRow& row) {
    if (row.local) local.push_back(key);
    if (row.local) before.emplace(key.run, row.opener.previous);
  }));
  in_order_of_writing(local, before);
  bool all = true;
  std::map<Ref, Ref> replaced;
  for (const RunKey& key : local) {
    KHUOI_TRY(const RunRow* row, core_.runs.find(batch.txn, key));
    if (!core_.keys.open(row->domain)) {
      all = false;
      continue;
    }
    const Domain domain = row->domain;
    std::vector<std::pair<Ref, Rank>> refs;
    KHUOI_TRY_VOID(core_.runs.each_record(batch.txn, key, 2, [&](const RecordView& record) {
      if (!record.erased) refs.emplace_back(record.ref, record.rank);
    }));
    std::set<Ref> left;
    for (const auto& [ref, rank] : refs) {
      auto opened = run_keys_.read(batch.txn, ref);
      if (!opened) {
        left.insert(ref);
        continue;
      }
      Plain& plain = *opened;
      if (plain.kind == Kind::checkpoint) continue;
      rename_refs(plain.body, replaced);
      KHUOI_TRY(const Ref next, writer_.append(batch, commune_recipient(core_, domain), rank, domain, plain.body));
      replaced.emplace(ref, next);
      if (const auto* manifest = std::get_if<Manifest>(&plain.body)) {
        KHUOI_TRY_VOID(note_file(batch, core_, manifest->file, commune_recipient(core_, domain).audience, core_.self.node));
      }
    }
    KHUOI_TRY_VOID(uncovered_runs.erase(batch, key.run));
    if (!left.empty()) {
      // What cannot be read keeps its run; the rest leaves it, or each unlock would seal it again.
      for (const auto& [ref, rank] : refs) {
        if (!left.contains(ref)) KHUOI_TRY_VOID(core_.runs.let_go(batch, ref));
      }
      KHUOI_TRY_VOID(Unreceipted::forget(batch));
      continue;
    }
    run_keys_.forget(key);
    KHUOI_TRY_VOID(core_.runs.erase_run(batch, key));
    KHUOI_TRY_VOID(Unreceipted::forget(batch));
  }
  if (!replaced.empty()) {
    KHUOI_TRY_VOID(dossiers_.replace_refs(batch, replaced));
    KHUOI_TRY_VOID(intake_.replace_refs(batch, replaced));
  }
  return all;
}

}  // namespace khuoi::sync
