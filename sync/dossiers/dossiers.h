#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sync/dossiers/dossier_marks.h"
#include "sync/dossiers/dossier_places.h"
#include "sync/dossiers/dossier_reader.h"
#include "sync/files/files.h"

namespace khuoi::sync {

/// The rows of dossiers, and the folds of their records.
class Dossiers final {
 public:
  Dossiers(Core& core, RunKeys& run_keys, Library& library)
      : core_(core), run_keys_(run_keys), reader_(run_keys, library) {}

  /// Folds again what arrived while locked.
  Result<void> refold_stale(Batch& batch);
  /// The same for rows behind that number, which goes on with it, until about so many records were read: true while there are
  /// more.
  Result<bool> refold_some(Batch& batch, std::uint32_t& number, std::size_t records_max);
  /// What a walk over all rows gives; where the counts that are kept do not hold, who asks walks.
  Result<std::map<std::uint32_t, DossierMark>> marks_there(const ReadTxn& txn) const;
  Result<DossierCounts> counts(const ReadTxn& txn) const;

  Result<std::optional<DossierRow>> row(const ReadTxn& txn, const DossierKey& key) const;
  /// The same without the items that stand in full chunks, so that it costs no more when there are thousands. put() takes
  /// such a row as it is; load_items() reads what it lacks.
  Result<std::optional<DossierRow>> brief(const ReadTxn& txn, const DossierKey& key) const;
  Result<void> load_items(const ReadTxn& txn, DossierRow& row) const;
  /// Of a brief row: whether that record is among its items, those not read too; and whether a state change stands later
  /// in its run.
  struct LookBack {
    bool is_here = false;
    bool has_later_state = false;
  };
  Result<LookBack> look_back(const ReadTxn& txn, const DossierRow& row, const DossierRow::Item& item) const;
  /// Of a record among the items of a brief row.
  Result<std::optional<Kind>> kind_of(const ReadTxn& txn, const DossierRow& row, const Ref& ref) const;
  Result<void> put(Batch& batch, const DossierKey& key, const DossierRow& row);
  /// Its number leads to that of `instead` from now on; none: nowhere.
  Result<void> erase_row(Batch& batch, const DossierRow& row, std::optional<std::uint32_t> instead);

  using RowVisitor = Visitor<const DossierKey&, const DossierRow&>;
  using DamagedVisitor = Visitor<const DossierKey&, const Error&>;
  /// Every row that decodes, in the order of their numbers; those that do not are told to `damaged` and passed over.
  Result<void> each_key(const ReadTxn& txn, const RowVisitor& visit,
                        const DamagedVisitor& damaged = [](const DossierKey&, const Error&) {}) const;
  /// The same from a number on, what does not decode (damaged) among the others.
  using EachVisitor = Visitor<std::uint32_t, const DossierKey&, const Result<DossierRow>&>;
  Result<void> each_from(const ReadTxn& txn, std::uint32_t number, const EachVisitor& visit) const;
  /// Numbers of damaged rows that somebody met since this was last asked, and that no mark names yet.
  std::set<std::uint32_t> take_damaged() { return std::exchange(damaged_met_, {}); }
  /// Marks those of these that are damaged, and takes the mark from those that are not.
  Result<void> note_damaged(Batch& batch, const std::set<std::uint32_t>& numbers);
  /// The fold of what can be read. Errors: locked.
  Result<DossierView> view(const ReadTxn& txn, const DossierRow& row);
  /// What a state change written now has to name, of a row from brief() or row(): costs no more when many records stand in
  /// it, but where only a fold of all tells. Errors: locked.
  struct Standing {
    std::vector<Ref> seen;  ///< DossierView::seen_now
    std::string code;       ///< of the state in force
  };
  Result<Standing> standing(const ReadTxn& txn, DossierRow& row);
  /// Reads records one by one: those that cannot be read are told apart.
  DossierReader& reader() { return reader_; }
  /// A person's right: forgets the bodies and attachments of a dossier, keeps numbers and hashes.
  Result<void> forget_bodies(Batch& batch, const DossierRow& row);
  /// After local records were sealed again to the commune.
  Result<void> replace_refs(Batch& batch, const std::map<Ref, Ref>& replaced);
  /// The key a record of this author belongs under.
  [[nodiscard]] HamletId hamlet_of(const NodeId& author) const;

  // --- for who changes them
  /// As brief(). What came before its submission gets its instanceID with it; empty: none came yet.
  Result<DossierRow> row_or_new(Batch& batch, const DossierKey& key, std::string_view instance_id);
  /// The row of a dossier that has none.
  Result<DossierRow> new_row(Batch& batch, const DossierKey& key, std::string_view instance_id);
  /// Keeps a version that was handed in after its dossier was erased for a person to decide about.
  Result<void> name_apart(Batch& batch, const DossierRow& row, const Ref& ref);
  /// Whether one author wrote `ref` before `other`.
  Result<bool> was_written_before(const ReadTxn& txn, const Ref& ref, const Ref& other) const;
  /// Folds what can be read into the row; false, and nothing done, while something is locked.
  bool fold_into(const ReadTxn& txn, DossierRow& row);

 private:
  Result<std::size_t> refold(Batch& batch, std::uint32_t number);
  Result<std::optional<StoredDossier>> whole_at(const ReadTxn& txn, std::uint32_t number) const;

  Core& core_;
  RunKeys& run_keys_;
  DossierReader reader_;
  mutable std::set<std::uint32_t> damaged_met_;  ///< at most damaged_met_max
};

}  // namespace khuoi::sync
