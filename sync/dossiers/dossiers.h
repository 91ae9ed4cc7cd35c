#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sync/dossiers/dossier_reader.h"
#include "sync/files/files.h"

namespace khuoi::sync {

/// The rows of dossiers, and the folds of their records: tables `dossier`, `alias` and `number`.
class Dossiers final {
 public:
  Dossiers(Core& core, RunKeys& run_keys, Library& library)
      : core_(core), run_keys_(run_keys), reader_(run_keys, library) {}

  /// Folds again what arrived while locked.
  Result<void> refold_stale(Batch& batch);

  Result<std::optional<DossierRow>> row(const ReadTxn& txn, const DossierKey& key) const;
  Result<void> put(Batch& batch, const DossierKey& key, const DossierRow& row);
  Result<void> add_alias(Batch& batch, const DossierId& id, const DossierKey& key);

  using RowVisitor = Visitor<const DossierKey&, const DossierRow&>;
  using DamagedVisitor = Visitor<const DossierKey&, const Error&>;
  /// Every row that decodes; those that do not are told to `damaged` and passed over.
  Result<void> each_key(const ReadTxn& txn, const RowVisitor& visit,
                        const DamagedVisitor& damaged = [](const DossierKey&, const Error&) {}) const;
  /// The fold of what can be read. Errors: locked.
  Result<DossierView> view(const ReadTxn& txn, const DossierRow& row);
  /// Reads records one by one: those that cannot be read are told apart.
  DossierReader& reader() { return reader_; }
  /// A person's right: forgets the bodies and attachments of a dossier, keeps numbers and hashes.
  Result<void> forget_bodies(Batch& batch, const DossierRow& row);
  /// After local records were sealed again to the commune.
  Result<void> replace_refs(Batch& batch, const std::map<Ref, Ref>& replaced);
  /// The key a record of this author belongs under.
  [[nodiscard]] HamletId hamlet_of(const NodeId& author) const;

  // --- for who changes them
  /// What came before its submission gets its instanceID with it; empty: none came yet.
  Result<DossierRow> row_or_new(Batch& batch, const DossierKey& key, std::string_view instance_id);
  /// Keeps a version that was handed in after its dossier was erased for a person to decide about.
  Result<void> name_apart(Batch& batch, const DossierRow& row, const Ref& ref);
  /// Whether one author wrote `ref` before `other`.
  Result<bool> was_written_before(const ReadTxn& txn, const Ref& ref, const Ref& other) const;
  /// Folds what can be read into the row; false, and nothing done, while something is locked.
  bool fold_into(const ReadTxn& txn, DossierRow& row);

 private:
  Core& core_;
  RunKeys& run_keys_;
  DossierReader reader_;
};

}  // namespace khuoi::sync
