#include "sync/replica/replica.h"

#include <limits>

#include "sync/base/check.h"
#include "sync/peers/unreceipted.h"
#include "sync/peers/untold.h"
#include "sync/replica/recount.h"
#include "sync/store/upgrade.h"

namespace khuoi::sync {

namespace {
/// Whether what was written says who this node is, or who else is in its commune.
bool tells_members(const TouchedTxn::Tables& touched) {
  const auto has = [&](Table table) { return touched.test(static_cast<std::size_t>(table)); };
  return has(Table::roster) || has(Table::keys);
}
}  // namespace

void Counts::add(const Counts& other) {
  records_in += other.records_in;
  records_out += other.records_out;
  records_duplicate += other.records_duplicate;
  records_rejected += other.records_rejected;
  control_in += other.control_in;
  control_out += other.control_out;
  attachments_in += other.attachments_in;
  attachments_out += other.attachments_out;
  carried_in += other.carried_in;
  carried_out += other.carried_out;
  bytes_in += other.bytes_in;
  bytes_out += other.bytes_out;
}

Result<void> Replica::create(Store& store, Role role, std::string_view name, const FirstSlot& slot, Rng& rng, Now now,
                             const HealthStart& health) {
  KHUOI_TRY(auto txn, store.begin_write());
  Batch batch{*txn, now};
  KHUOI_TRY(const std::uint64_t present, meta_number(*txn, "format"));
  if (present != 0) return fail(Errc::exists, "there is a node in this data folder already");
  if (name.empty() || name.size() > 128) return fail(Errc::usage, "a node's name has 1 to 128 octets");
  KHUOI_TRY_VOID(put_meta_number(batch, "format", format_now));
  KHUOI_TRY_VOID(put_meta_number(batch, "role", static_cast<std::uint64_t>(role)));
  KHUOI_TRY_VOID(put_meta_octets(batch, "name", view_of(name)));
  KHUOI_TRY_VOID(totals_rows.put(batch, {}, Totals()));
  KHUOI_TRY_VOID(dossier_counts_rows.put(batch, {}, DossierCounts()));
  KHUOI_TRY(auto locks, Keyring::create(batch, role, rng, health.when));
  if (health.worker != nullptr) {
    KHUOI_CHECK(locks.size() == 2);
    std::vector<LockKey> own;
    own.push_back(std::move(locks.back()));
    locks.pop_back();
    const FirstSlot& worker = *health.worker;
    const Slot theirs = make_passphrase_slot(worker.person, worker.params, worker.phrase_key, own, rng);
    KHUOI_TRY_VOID(Keyring::put_slot(batch, theirs));
  }
  KHUOI_TRY_VOID(Keyring::put_slot(batch, make_passphrase_slot(slot.person, slot.params, slot.phrase_key, locks, rng)));
  if (role == Role::commune) {
    KHUOI_TRY(Keyring keys, Keyring::load(*txn, role));
    OpenKeys opened;
    KHUOI_TRY_VOID(keys.open(*txn, locks, opened));
    keys.use(opened);
    CommuneFacts facts;
    facts.commune = commune_id_of(keys.authority_public());
    facts.name = name;
    facts.authority = keys.authority_public();
    facts.sign = keys.sign().public_key;
    facts.node = node_id_of(facts.sign);
    facts.radio = keys.radio().public_key;
    facts.serial = 1;
    facts.kem = {keys.kem().back().public_key};
    const Bytes statement = make_commune_statement(facts, keys.authority());
    KHUOI_TRY_VOID(put_meta_octets(batch, "authority", facts.authority));
    KHUOI_TRY_VOID(txn->put(Table::roster, hash_id<Id<struct StatementTag, 16>>(statement).view(), statement));
  }
  return txn->commit();
}

Replica::Replica(Store& store, Core core)
    : store_(store),
      reader_(std::move(core)),
      starts_(core_, [this](Batch& batch) { return peers_.set_echoes_aside(batch); }),
      writer_(core_, run_keys_, starts_),
      index_(core_, dossiers_, reader_.homes_),
      rooms_(core_, library_, dossiers_, index_, items_, peers_),
      acceptor_(core_, run_keys_, rooms_),
      records_(writer_, acceptor_),
      intake_(core_, writer_, library_, dossiers_, index_, reader_.submissions_),
      receipts_(core_, peers_, starts_, writer_),
      bulletin_(core_, records_, receipts_, reader_.board_),
      trainer_(core_, writer_, library_, reader_.lessons_),
      resealing_(core_, run_keys_, writer_, peers_, receipts_, dossiers_, intake_),
      enrolment_(core_, writer_, trainer_, resealing_) {
  core_.runs.on_own_growth([this](Batch& batch, const RunKey& key, const RunRow& row, const RangeSet& numbers) {
    return core_.self.is_commune() ? Result<void>() : Unreceipted::on_written(batch, key, row, numbers);
  });
}

Replica::~Replica() = default;

Result<std::unique_ptr<Replica>> Replica::open(Store& store, Rng& rng) {
  KHUOI_TRY_VOID(upgrade(store));
  KHUOI_TRY(const auto txn, store.begin_read());
  KHUOI_TRY(const std::uint64_t format, meta_number(*txn, "format"));
  if (format == 0) return fail(Errc::not_found, "there is no node in this data folder: run 'khuoi init' first");
  if (format > format_now) {
    return fail(Errc::unsupported, "this data folder was written by a later version of khuoi: install that version");
  }
  KHUOI_TRY(const std::uint64_t role, meta_number(*txn, "role"));
  Self self;
  self.role = role == 1 ? Role::commune : Role::hamlet;
  KHUOI_TRY(Keyring keys, Keyring::load(*txn, self.role));
  std::unique_ptr<Replica> out(new Replica(store, Core{{self, std::move(keys), Roster()}, Runs(CommuneId()), rng}));
  KHUOI_TRY_VOID(out->core_.reload(*txn));
  KHUOI_TRY_VOID(out->starts_.load(*txn));
  KHUOI_TRY(out->reader_.version_, meta_number(*txn, ReplicaReader::members_version));
  KHUOI_TRY(const auto totals, out->core_.runs.totals(*txn));
  KHUOI_TRY(const auto dossiers, dossier_counts_rows.get(*txn, {}));
  KHUOI_TRY(const auto dossiers_hold, DossierMarks::counts(*txn));
  // Where no program marked dossiers yet, keep() marks them; where one wrote since that does not, nothing holds.
  out->counted_ = totals.has_value() && (!dossiers || dossiers_hold);
  return out;
}

const Published& Replica::published() {
  if (!published_.members || published_.members->version != reader_.version_) {
    published_.members =
        std::make_shared<const Published::Members>(Published::Members{reader_.version_, core_.self, core_.roster});
  }
  if (!published_.since_start || published_.since_start->changes() != core_.since_start.changes()) {
    published_.since_start = std::make_shared<const SinceStart>(core_.since_start);
  }
  return published_;
}

Result<Replica::Work> Replica::begin(Now now, ReplicaReader& as) {
  KHUOI_TRY(auto txn, store_.begin_write());
  core_.use(as.opened_);
  return Work(*this, std::move(txn), now);
}

Replica::Work::Work(Work&& other) noexcept
    : replica_(std::exchange(other.replica_, nullptr)), txn_(std::move(other.txn_)), batch_(other.batch_) {}

Replica::Work::~Work() {
  if (replica_ == nullptr || txn_ == nullptr) return;
  const Changes changes = txn_->changes();
  txn_.reset();
  replica_->end_work(changes, false);
}

Result<void> Replica::Work::commit() {
  const auto finish = [&]() -> Result<void> {
    KHUOI_TRY_VOID(replica_->acceptor_.settle(batch_));
    KHUOI_TRY_VOID(replica_->core_.runs.flush(batch_));
    KHUOI_TRY_VOID(replica_->counted_ ? Recount::keep(batch_, replica_->core_, replica_->dossiers_)
                                      : Recount::all(batch_, replica_->core_, replica_->peers_, replica_->items_,
                                                     replica_->dossiers_));
    if (tells_members(txn_->touched())) {
      KHUOI_TRY_VOID(put_meta_number(batch_, ReplicaReader::members_version, replica_->reader_.version_ + 1));
    }
    return txn_->commit();
  };
  const Result<void> done = finish();
  const Changes changes = txn_->changes();
  txn_.reset();
  replica_->end_work(changes, done.has_value());
  return done;
}

void Replica::end_work(const Changes& changes, bool committed) {
  if (committed) {
    counted_ = true;
    changes_.add(changes);
    writer_.keep();
    starts_.keep();
    if (tells_members(changes.tables)) ++reader_.version_;
  } else {
    take_back(changes.tables);
  }
  core_.use(reader_.opened_);
}

/// After a batch that was not committed: what was learned from it is forgotten. A batch that wrote nothing taught nothing.
void Replica::take_back(const TouchedTxn::Tables& touched) {
  acceptor_.forget();
  if (touched.none() && !core_.runs.changed()) return;
  writer_.take_back();
  starts_.take_back();
  core_.opened->summary = {};  // perhaps of a key that was not stored
  receipts_.echoes().forget();
  run_keys_.clear();
  library_.forget();
  core_.runs.forget();
  // To read the roster is to verify each of its statements.
  if (!tells_members(touched)) return;
  if (const auto txn = store_.begin_read()) {
    KHUOI_CHECK(core_.keys.forget_uncommitted(**txn).has_value());
    KHUOI_CHECK(core_.reload(**txn).has_value());
  }
}

Result<void> Replica::close(Now now) {
  if (!writer_.uncovered()) {
    writer_.end_runs();
    return {};
  }
  KHUOI_TRY(Work work, begin(now));
  KHUOI_TRY_VOID(writer_.cover(work.batch(), true));
  return work.commit();
}

Result<void> Replica::unlock(Batch& batch, const std::vector<LockKey>& keys) {
  KHUOI_TRY_VOID(open(batch.txn, keys));
  return open_what_waits(batch);
}

Result<void> Replica::open(const ReadTxn& txn, const std::vector<LockKey>& keys) {
  return core_.keys.open(txn, keys, reader_.opened_.keys);
}

Result<void> Replica::open_what_waits(Batch& batch) {
  OpeningPlace place;
  KHUOI_TRY_VOID(open_some_of_what_waits(batch, place, std::numeric_limits<std::size_t>::max()));
  return {};
}

Result<bool> Replica::open_some_of_what_waits(Batch& batch, OpeningPlace& place, std::size_t records_max) {
  if (core_.self.is_commune()) {
    KHUOI_TRY_VOID(enrolment_.name_own_kem_last(batch));
    return false;
  }
  if (core_.self.granted() && place.tried.empty() && !place.all_tried) {
    KHUOI_TRY_VOID(resealing_.reseal_local(batch));
  }
  return acceptor_.open_some(batch, place, records_max);
}

Result<Acceptance> Replica::accept(Batch& batch, const Sealed& record, bool vouched, const OpenedRecord* opened) {
  return acceptor_.accept(batch, record, vouched, opened);
}

Result<bool> Replica::accept_statement(Batch& batch, ByteView tagged, Path path, const NodeId& brought_by) {
  if (tagged.empty()) return fail(Errc::malformed, "an empty statement");
  const ByteView octets = tagged.subspan(1);
  if (tagged[0] == static_cast<std::uint8_t>(StatementType::roster)) {
    if (!core_.roster.knows_authority()) return false;
    KHUOI_TRY(const bool news, core_.roster.add(octets));
    if (!news) return false;
    KHUOI_TRY_VOID(Membership::put(batch, octets));
    KHUOI_TRY_VOID(core_.reload(batch.txn));
    if (core_.self.is_commune()) {
      KHUOI_TRY_VOID(receipts_.note_learned_boxes(batch));
    }
    // What it says of keys may let something open that did not before.
    run_keys_.clear();
    acceptor_.note_new_model();
    return true;
  }
  if (tagged[0] == static_cast<std::uint8_t>(StatementType::holdings)) {
    KHUOI_TRY(const auto absorbed, receipts_.absorb(batch, octets, path));
    if (absorbed == Receipts::Absorbed::rejected) {
      return fail(Errc::unauthenticated, "a statement that is forged, damaged or of another commune");
    }
    return absorbed == Receipts::Absorbed::applied;
  }
  if (tagged[0] == static_cast<std::uint8_t>(StatementType::start_proof)) {
    KHUOI_TRY(const auto absorbed, receipts_.absorb_proof(batch, octets, brought_by));
    if (absorbed == Receipts::Absorbed::rejected) {
      return fail(Errc::unauthenticated, "a start proof that is forged, damaged or of another commune");
    }
    return absorbed == Receipts::Absorbed::applied;
  }
  return fail(Errc::unsupported, "a statement of a later version");
}

Result<ChunkOutcome> Replica::accept_chunk(Batch& batch, const ChunkPlace& place, ByteView octets,
                                           const std::optional<ChunkHash>& hash) {
  KHUOI_TRY(const ChunkOutcome outcome, Files::accept(batch, place, octets, hash));
  if (outcome == ChunkOutcome::duplicate) KHUOI_TRY_VOID(receipts_.tell_file_again(batch, place.file));
  if (outcome == ChunkOutcome::stored) {
    // Whose file it is decides who should hear of it; a hamlet has one peer, and a commune finds it when it states.
    KHUOI_TRY(const auto author, Files::author_of(batch.txn, place.file));
    if (author) KHUOI_TRY_VOID(note_chunk(batch, core_, place.file, *author));
    KHUOI_TRY_VOID(acceptor_.note_news(batch, author ? *author : core_.self.commune_node, octets.size()));
  }
  return outcome;
}

std::vector<Bytes> Replica::roster_statements() const {
  std::vector<Bytes> out;
  for (const auto& [hash, octets] : core_.roster.statements()) out.push_back(tag_statement(StatementType::roster, octets));
  return out;
}

Result<void> Replica::mark_all_safe(Batch& batch) {
  KHUOI_TRY(const auto all, reader_.decodable(batch.txn));
  return receipts_.mark_safe(batch, all);
}

}  // namespace khuoi::sync
