#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sync/dossiers/dossier_files.h"
#include "sync/dossiers/dossiers.h"
#include "sync/peers/commune_holds.h"
#include "sync/peers/passages.h"
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
  /// At a commune: how many files the version in force names that are not all here, and by which path the last ones of
  /// that box came. None while no version is here.
  struct ToCome {
    std::uint32_t files = 0;
    std::optional<Path> by;
  };
  std::optional<ToCome> to_come;
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
  std::uint32_t files_to_go = 0;         ///< at a hamlet: files of the current version that the commune said not to have
  std::vector<Unreadable> unreadable;    ///< its records that cannot be read here
  bool erased = false;
  bool withdrawal_asked = false;
};

/// What people see of dossiers: the list, one dossier whole, how far it has got. Writes nothing.
class DossierViews final {
 public:
  DossierViews(Core& core, RunKeys& run_keys, Dossiers& dossiers, Peers& peers)
      : core_(core), run_keys_(run_keys), dossiers_(dossiers), peers_(peers) {}

  /// From 6..32 hexadecimal digits. Errors: not_found, usage (ambiguous or no digits).
  static Result<DossierKey> resolve(const ReadTxn& txn, std::string_view digits);
  Result<std::vector<DossierEntry>> list(const ReadTxn& txn);
  /// How far a list has got that is made in pages, each of its own picture of the store.
  struct Page {
    std::uint32_t next = 0;  ///< number
    bool over = false;
  };
  /// Without its row where that does not decode.
  using EntryVisitor = Visitor<const DossierKey&, const DossierRow*, DossierEntry&>;
  /// What an entry tells of records that can be read: form, version, instance_id, code, attachments and problem. Called
  /// where somebody has them at hand; else the records are read.
  using Filler = std::function<Result<void>(const DossierKey& key, const DossierRow& row, DossierEntry& to)>;
  /// The next `rows_max` dossiers in the order of their numbers.
  Result<void> list(const ReadTxn& txn, Page& page, std::size_t rows_max, const EntryVisitor& visit,
                    const Filler& fill = {});
  /// Where a dossier has got to, told from its row alone: id, number, state and pending; nothing is opened. What the
  /// commune holds is looked up once for many rows.
  Result<DossierEntry> progress(const DossierRow& row, CommuneHolds& holds) const;
  [[nodiscard]] CommuneHolds commune_holds(const ReadTxn& txn) const { return {txn, core_.self}; }
  using Keep = DossierReader::Keep;
  /// Errors: locked, not_found.
  Result<DossierDetail> detail(const ReadTxn& txn, const DossierKey& key, Keep keep = Keep::xml);
  /// The XML of one version. Errors: what reading says.
  Result<Bytes> xml(const ReadTxn& txn, const Ref& version);
  /// Its short number, also where its row does not decode; 0 when it is not here.
  Result<std::uint32_t> number_of(const ReadTxn& txn, const DossierKey& key) const;

 private:
  Result<std::vector<DossierPassage>> passages(const ReadTxn& txn, const DossierRow& row) const;
  Result<DossierEntry> entry(const ReadTxn& txn, const DossierKey& key, const DossierRow& row,
                             CommuneHolds& holds, const Filler& fill = {});
  /// Nothing for one that is not shown here.
  Result<std::optional<DossierEntry>> entry_or_problem(const ReadTxn& txn, const DossierKey& key, const DossierRow& row,
                                                       CommuneHolds& holds, const Filler& fill);
  static DossierEntry damaged_entry(const DossierKey& key, std::uint32_t number, const Error& why);
  Result<std::uint32_t> files_to_go(const ReadTxn& txn, const std::vector<VersionFile>& files) const;
  Result<void> fill_entry(const ReadTxn& txn, const DossierKey& key, const DossierRow& row, DossierEntry& out,
                          const Filler& fill);
  void fill_from_records(const ReadTxn& txn, const DossierRow& row, DossierEntry& out);

  Core& core_;
  RunKeys& run_keys_;
  Dossiers& dossiers_;
  Peers& peers_;
};

}  // namespace khuoi::sync
