#include "sync/replica/replica_reader.h"

#include <algorithm>

#include "sync/seal/hash.h"

namespace khuoi::sync {

ReplicaReader::ReplicaReader(Core core)
    : core_(std::move(core)),
      run_keys_(core_),
      dossiers_(core_, run_keys_, library_),
      homes_(run_keys_, dossiers_),
      views_(core_, run_keys_, dossiers_, peers_),
      summaries_(core_),
      items_(core_, run_keys_),
      board_(core_, run_keys_, items_),
      submissions_(core_, run_keys_, library_, dossiers_, homes_),
      lessons_(core_, run_keys_, library_, dossiers_) {
  core_.use(opened_);
}

Result<std::unique_ptr<ReplicaReader>> ReplicaReader::open(const ReadTxn& txn, const Published& known,
                                                           const std::vector<LockKey>& keys, Rng& rng) {
  const Self& self = known.members->self;
  KHUOI_TRY(Keyring keyring, Keyring::load(txn, self.role));
  auto out = std::make_unique<ReplicaReader>(Core{{self, std::move(keyring), Roster()}, Runs(self.commune), rng});
  KHUOI_TRY_VOID(out->core_.keys.open(txn, keys, out->opened_.keys));
  // No version that the store can have: what is known of the members is still to come.
  out->version_ = ~std::uint64_t{0};
  return out;
}

Result<void> ReplicaReader::renew(const ReadTxn& txn, const Published& known) {
  core_.runs.forget();
  if (since_start_ != known.since_start) core_.since_start = *known.since_start;
  since_start_ = known.since_start;
  KHUOI_TRY(const std::uint64_t version, meta_number(txn, members_version));
  if (version == version_) return {};
  KHUOI_TRY(core_.keys, Keyring::load(txn, core_.self.role));
  core_.use(opened_);
  if (known.members->version == version) {
    core_.self = known.members->self;
    core_.roster = known.members->roster;
    core_.runs.set_self(core_.self.commune, core_.self.node);
  } else {
    KHUOI_TRY_VOID(core_.reload(txn));
  }
  version_ = version;
  return {};
}

Result<std::vector<LockKey>> ReplicaReader::open_slots(
    const ReadTxn& txn, const std::string& person,
    const std::function<Result<Secret>(const PassphraseParams&)>& derive) const {
  KHUOI_TRY(const auto slots, Keyring::slots(txn));
  for (const Keyring::NamedSlot& named : slots) {
    if (named.slot.kind != Slot::Kind::passphrase) continue;
    if (!person.empty() && named.slot.person != person) continue;
    KHUOI_TRY(const Secret key, derive(named.slot.params));
    auto opened = open_passphrase_slot(named.slot, key);
    if (opened) return opened;
    if (opened.error().code != Errc::denied) return opened.error();
  }
  return fail(Errc::denied, "the passphrase is wrong");
}

Result<bool> ReplicaReader::waits_for_keys(const ReadTxn& txn) {
  if (core_.self.is_commune()) return false;
  bool out = false;
  for (const Table table : {Table::waiting, Table::unopened}) {
    KHUOI_TRY_VOID(txn.scan(table, {}, [&](ByteView, ByteView) {
      out = true;
      return Walk::stop;
    }));
  }
  if (!out) {
    KHUOI_TRY(const DossierCounts dossiers, dossiers_.counts(txn));
    out = dossiers.stale > 0;
  }
  if (out || !core_.self.granted()) return out;
  KHUOI_TRY(const Totals counted, totals(txn));
  return counted.local_runs > 0;
}

Result<Totals> ReplicaReader::totals(const ReadTxn& txn) {
  KHUOI_TRY(const auto kept, core_.runs.totals(txn));
  return kept ? Result<Totals>(*kept) : core_.runs.count_totals(txn);
}

Result<Unreceipted> ReplicaReader::unreceipted(const ReadTxn& txn) {
  if (core_.self.is_commune()) return Unreceipted();
  KHUOI_TRY(const auto kept, Unreceipted::of(txn, core_.self));
  return kept ? Result<Unreceipted>(*kept) : Unreceipted::count(txn, core_.self, core_.runs);
}

std::vector<FormHash> ReplicaReader::hashes_of(std::span<const BuiltIn> shipped) {
  std::vector<FormHash> out;
  for (const BuiltIn& form : shipped) out.push_back(hash_id<FormHash>(form.xml));
  return out;
}

Result<bool> ReplicaReader::lacks_built_in(const ReadTxn& txn, std::span<const BuiltIn> shipped) const {
  const std::vector<FormHash> hashes = hashes_of(shipped);
  for (const FormHash& hash : hashes) {
    const auto known = library_.xml(txn, hash);
    if (!known && known.error().code == Errc::not_found) return true;
    if (!known) return known.error();
  }
  KHUOI_TRY(const auto outdated, library_.outdated(txn, hashes));
  return !outdated.empty();
}

Result<ReplicaReader::Held> ReplicaReader::decodable(const ReadTxn& txn) {
  Held all;
  KHUOI_TRY_VOID(core_.runs.each(txn, [&](const RunKey& key, const RunRow& row) { all.emplace_back(key, row.held); }));
  // What could not be decoded yet is kept, but nobody may forget it elsewhere.
  KHUOI_TRY_VOID(txn.scan(Table::unopened, {}, [&](ByteView key, ByteView) {
    const auto ref = ref_from_key(key);
    for (auto& [run, numbers] : all) {
      if (ref && run == run_of(*ref)) numbers.remove(RangeSet(ref->number, ref->number));
    }
  }));
  return all;
}

Result<ReplicaStatus> ReplicaReader::status(const ReadTxn& txn) {
  ReplicaStatus out;
  out.locked = !core_.self.is_commune() && locked();
  KHUOI_TRY(const Totals counted, totals(txn));
  out.records = counted.records;
  out.forks = counted.forks;
  KHUOI_TRY(const Unreceipted open, unreceipted(txn));
  out.waiting = open.general + open.health;
  out.waiting_health = open.health;
  KHUOI_TRY(const std::uint64_t dossiers, txn.entries(Table::dossier));
  KHUOI_TRY(const DossierCounts amiss, dossiers_.counts(txn));
  out.dossiers = dossiers - std::min(dossiers, amiss.damaged);
  out.dossiers_unreadable = amiss.unreadable + amiss.damaged;
  KHUOI_TRY(out.unopened, txn.entries(Table::unopened));
  KHUOI_TRY(out.quarantined, txn.entries(Table::quarantine));
  KHUOI_TRY(out.starts, Starts::figures(txn));
  return out;
}

}  // namespace khuoi::sync
