#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sync/merge/dossier.h"
#include "sync/replica/files.h"
#include "sync/replica/library.h"
#include "sync/replica/peers.h"
#include "sync/replica/run_keys.h"

namespace khuoi::sync {

/// Which dossier: at a commune the hamlet it came from, at a hamlet always zero (all are its own).
struct DossierKey {
  HamletId hamlet;
  DossierId id;
  auto operator<=>(const DossierKey&) const = default;
};

/// Table `dossier`, key hamlet 8 | id 16. What stands here is readable on a locked box: ids, references, one state.
struct DossierRow {
  std::uint32_t number = 0;  ///< the short local number
  DossierId shown;           ///< the id people use
  std::optional<State> state;
  bool conflict = false;
  bool erased = false;
  bool withdrawal_asked = false;
  bool stale = false;        ///< something arrived that a locked box could not fold
  Domain domain = Domain::general;
  struct Item {
    Ref ref;
    Kind kind = Kind::submission;
  };
  std::vector<Item> items;
  std::vector<Ref> heads;    ///< versions no later one replaces, as far as could be folded
  std::vector<Ref> seen;     ///< what a record written now has seen: DossierView::seen_now
};

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
};

/// One XML version with what it names, for export and show.
struct DossierVersion {
  Ref ref;
  bool current = false;
  Bytes xml;  ///< unless only facts were asked for
  InstanceFacts facts;
  UnixSeconds written;
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
  std::vector<FileFacts> files;
  std::vector<std::string> missing;      ///< attachments named but not all here
  bool erased = false;
  bool withdrawal_asked = false;
};

/// The dossiers of a replica: indexes records as they are opened, folds them, and shows what people see.
class Dossiers final {
 public:
  Dossiers(Core& core, RunKeys& run_keys, Library& library, Peers& peers)
      : core_(core), run_keys_(run_keys), library_(library), peers_(peers) {}

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
  /// From 6..32 hexadecimal digits. Errors: not_found, usage (ambiguous or no digits).
  Result<DossierKey> resolve(const ReadTxn& txn, std::string_view digits) const;

  Result<std::vector<DossierEntry>> list(const ReadTxn& txn);
  /// Where a dossier has got to, told from its row alone: id, number, state and pending; nothing is opened. What the
  /// commune holds is read once for many rows, by commune_holds.
  [[nodiscard]] DossierEntry progress(const DossierRow& row, const std::map<RunKey, PeerRun>& commune_holds) const;
  Result<std::map<RunKey, PeerRun>> commune_holds(const ReadTxn& txn) const;
  /// What of a dossier's versions is kept in memory beside each other: whoever edits it a thousand times makes many.
  enum class Keep : std::uint8_t { xml, facts };
  /// Errors: locked, not_found.
  Result<DossierDetail> detail(const ReadTxn& txn, const DossierKey& key, Keep keep = Keep::xml);
  /// The XML of one version. Errors: what reading says.
  Result<Bytes> xml(const ReadTxn& txn, const Ref& version);
  Result<void> each_key(const ReadTxn& txn, const std::function<bool(const DossierKey&, const DossierRow&)>& visit) const;
  Result<DossierView> view(const ReadTxn& txn, const DossierRow& row);
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
  Result<std::vector<DossierEvent>> events(const ReadTxn& txn, const DossierRow& row);
  Result<Bytes> xml_of(const ReadTxn& txn, const Plain& plain, std::size_t octets_max = xml_octets_max);
  Result<Bytes> xml_to_take_in(const ReadTxn& txn, const Ref& ref, const Plain& plain);
  Result<InstanceFacts> facts_of(const ReadTxn& txn, ByteView xml);
  Result<std::vector<DossierPassage>> passages(const ReadTxn& txn, const DossierRow& row) const;
  Result<DossierEntry> entry(const ReadTxn& txn, const DossierKey& key, const DossierRow& row,
                             const std::map<RunKey, PeerRun>& commune_holds);
  Result<void> fill_entry(const ReadTxn& txn, const DossierKey& key, const DossierRow& row, DossierEntry& out);

  Core& core_;
  RunKeys& run_keys_;
  Library& library_;
  Peers& peers_;
};

}  // namespace khuoi::sync
