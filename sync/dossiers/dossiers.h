#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sync/dossiers/dossier_files.h"
#include "sync/dossiers/dossier_parts.h"
#include "sync/files/files.h"
#include "sync/peers/peers.h"

namespace khuoi::sync {

/// One row of `list`: what is empty could not be read (locked).
struct DossierEntry {
  DossierId id;
  std::uint32_t number = 0;
  std::string state;  ///< saved, sent, received, or the commune's word
  bool pending = false;
  std::optional<bool> conflict;
  std::optional<std::string> form, version, instance_id, hamlet, code;
  struct Attachments {
    std::uint32_t have = 0;
    std::uint32_t of = 0;
  };
  std::optional<Attachments> attachments;
  /// One sentence of what of it cannot be read here; what is empty above is then unknown.
  std::string problem;
};

/// One XML version with what it names, for export and show.
struct DossierVersion {
  Ref ref;
  bool current = false;
  Bytes xml;  ///< unless only facts were asked for
  InstanceFacts facts;
  UnixSeconds written;
  std::vector<VersionFile> files;
};
/// When this hamlet's own words left, and when it learned that they had arrived.
struct DossierPassage {
  Ref last;                     ///< the newest of the dossier's own records that took part
  Passages::Passage what;
};
struct DossierDetail {
  DossierEntry entry;
  std::vector<DossierVersion> versions;  ///< all, in order of heads last
  std::vector<StateChange> history;
  std::vector<DossierPassage> passages;  ///< at a hamlet; of the same record what left before what arrived
  std::vector<FileFacts> files;          ///< of all versions
  std::vector<std::string> missing;      ///< files of the current version that are not all here
  std::vector<Unreadable> unreadable;    ///< its records that cannot be read here
  bool erased = false;
  bool withdrawal_asked = false;
};

/// The dossiers of a replica: indexes records as they are opened, folds them, and shows what people see.
class Dossiers final {
 public:
  Dossiers(Core& core, RunKeys& run_keys, Library& library, Peers& peers)
      : core_(core), run_keys_(run_keys), reader_(run_keys, library), peers_(peers) {}

  /// Takes an opened record of a dossier into account. Errors: not_found when its model is unknown here (the caller
  /// keeps the record for later); too_large when another node's submission unpacks to more than
  /// submission_xml_octets_max; what the store says.
  Result<void> index(Batch& batch, const Ref& ref, const Plain& plain);
  /// The same for a submission whose XML is at hand.
  Result<void> index_submission(Batch& batch, const DossierKey& key, const Ref& ref, Kind kind, Domain domain,
                                const std::vector<Ref>& seen, std::string_view instance_id);
  /// Folds again what arrived while locked.
  Result<void> refold_stale(Batch& batch);

  Result<std::optional<DossierRow>> row(const ReadTxn& txn, const DossierKey& key) const;
  Result<void> put(Batch& batch, const DossierKey& key, const DossierRow& row);
  Result<void> add_alias(Batch& batch, const DossierId& id, const DossierKey& key);
  /// Where a dossier's records stand: itself, or the dossier that it turned out to be a later part of (its id is that of an
  /// edit's instanceID).
  Result<DossierKey> home_of(const ReadTxn& txn, DossierKey key) const;
  /// The same for a record of this domain. A dossier is of one domain: what names one of the other, as an edit of a
  /// health form may name a general dossier, stands beside it, so that nobody's dossier goes out of sight.
  Result<DossierKey> home_of(const ReadTxn& txn, const DossierKey& key, Domain domain) const;
  /// The dossier, erased, that an edit of this instanceID would join to `key`: such an edit is kept apart instead.
  Result<std::optional<DossierRow>> erased_part(const ReadTxn& txn, const DossierKey& key, const DossierId& edit,
                                                Domain domain) const;
  /// Keeps a version that was handed in after its dossier was erased for a person to decide about.
  Result<void> name_apart(Batch& batch, const DossierRow& row, const Ref& ref);
  /// From 6..32 hexadecimal digits. Errors: not_found, usage (ambiguous or no digits).
  Result<DossierKey> resolve(const ReadTxn& txn, std::string_view digits) const;

  Result<std::vector<DossierEntry>> list(const ReadTxn& txn);
  /// Where a dossier has got to, told from its row alone: id, number, state and pending; nothing is opened. What the
  /// commune holds is read once for many rows, by commune_holds.
  [[nodiscard]] DossierEntry progress(const DossierRow& row, const std::map<RunKey, PeerRun>& commune_holds) const;
  Result<std::map<RunKey, PeerRun>> commune_holds(const ReadTxn& txn) const;
  using Keep = DossierReader::Keep;
  /// Errors: locked, not_found.
  Result<DossierDetail> detail(const ReadTxn& txn, const DossierKey& key, Keep keep = Keep::xml);
  /// The XML of one version. Errors: what reading says.
  Result<Bytes> xml(const ReadTxn& txn, const Ref& version);
  using RowVisitor = Visitor<const DossierKey&, const DossierRow&>;
  using DamagedVisitor = Visitor<const DossierKey&, const Error&>;
  /// Every row that decodes; those that do not are told to `damaged` and passed over.
  Result<void> each_key(const ReadTxn& txn, const RowVisitor& visit,
                        const DamagedVisitor& damaged = [](const DossierKey&, const Error&) {}) const;
  /// The fold of what can be read. Errors: locked.
  Result<DossierView> view(const ReadTxn& txn, const DossierRow& row);
  /// The short number that leads to it; 0 when none does. For a row that does not decode: it walks all numbers.
  Result<std::uint32_t> number_of(const ReadTxn& txn, const DossierKey& key) const;
  /// Reads records one by one: those that cannot be read are told apart.
  DossierReader& reader() { return reader_; }
  /// A person's right: forgets the bodies and attachments of a dossier, keeps numbers and hashes.
  Result<void> forget_bodies(Batch& batch, const DossierRow& row);
  /// After local records were sealed again to the commune.
  Result<void> replace_refs(Batch& batch, const std::map<Ref, Ref>& replaced);
  /// The key a record of this author belongs under.
  [[nodiscard]] HamletId hamlet_of(const NodeId& author) const;

 private:
  Result<DossierRow> row_or_new(Batch& batch, const DossierKey& key, std::string_view instance_id);
  Result<void> add(Batch& batch, const DossierKey& key, DossierRow row, const DossierRow::Item& item,
                   const std::vector<Ref>& seen);
  Result<Bytes> xml_to_take_in(const ReadTxn& txn, const Ref& ref, const Plain& plain);
  /// What was begun under the id of this instance alone, by edits of it that came first.
  Result<std::optional<DossierKey>> part_of(const ReadTxn& txn, const DossierKey& key, const DossierId& edit,
                                            Domain domain) const;
  /// An edit of this instanceID belongs to `key`: what was begun under its id alone, by edits of it that came first, joins.
  Result<void> join(Batch& batch, const DossierKey& key, const DossierId& edit, DossierRow& row);
  /// Where an erasure falls that names this dossier, which by now stands at `home`: on what its writer saw as one, and
  /// on nothing else. What stands in one row with that only because of an edit that came meanwhile gets rows of its own,
  /// and that edit is kept apart, as where it comes after the erasure.
  Result<DossierKey> part_to_erase(Batch& batch, const DossierKey& named, const DossierKey& home, const Ref& erase);
  Result<std::vector<PlacedRecord>> placed_in(const ReadTxn& txn, const DossierKey& home, const DossierRow& row, const Ref& erase);
  /// Gives these records of `home` a row of their own; gives its key.
  Result<DossierKey> move_out(Batch& batch, const DossierKey& home, const DossierRow& row, const DossierPart& part);
  /// Puts what stays of a row; where nothing does, its numbers lead to `instead`.
  Result<void> put_rest(Batch& batch, const DossierKey& home, DossierRow& row, const DossierKey& instead);
  /// Keeps a version of an erased dossier for a person, unless it was written before the erasure.
  Result<bool> keep_apart(Batch& batch, const DossierRow& row, const Ref& ref, Kind kind);
  /// An erasure came after edits that its author wrote later: these are kept apart, and their files with them.
  Result<void> spare_later(Batch& batch, DossierRow& row, const Ref& erase);
  Result<bool> was_written_before(const ReadTxn& txn, const Ref& ref, const Ref& other) const;
  /// Folds what can be read into the row; false, and nothing done, while something is locked.
  bool fold_into(const ReadTxn& txn, DossierRow& row);
  Result<std::vector<DossierPassage>> passages(const ReadTxn& txn, const DossierRow& row) const;
  Result<DossierEntry> entry(const ReadTxn& txn, const DossierKey& key, const DossierRow& row,
                             const std::map<RunKey, PeerRun>& commune_holds);
  Result<void> fill_entry(const ReadTxn& txn, const DossierKey& key, const DossierRow& row, DossierEntry& out);

  Core& core_;
  RunKeys& run_keys_;
  DossierReader reader_;
  Peers& peers_;
};

}  // namespace khuoi::sync
