#pragma once

#include "sync/dossiers/dossier_index.h"
#include "sync/dossiers/submission_check.h"
#include "sync/log/record_writer.h"

namespace khuoi::sync {

/// Takes submissions in, locked or not.
class Intake final {
 public:
  Intake(Core& core, RunWriter& writer, Library& library, Dossiers& dossiers, DossierIndex& index, SubmissionCheck& check)
      : core_(core), writer_(writer), library_(library), dossiers_(dossiers), index_(index), check_(check) {}

  /// Writes the record and a manifest for each file not yet there; a repeat writes only files that are new. `contents`
  /// are the BLAKE2b of the files, in their order.
  /// Errors: store_full past 80 % of the store; what the store says.
  Result<DossierId> submit(Batch& batch, const Prepared& prepared, const std::vector<FileFacts>& files,
                           const std::vector<Bytes>& contents = {});
  /// Refuses new dossiers at 80 % of the map, so that receipts still fit.
  void set_usage(StoreUsage usage) { usage_ = usage; }

  /// After local records were sealed again to the commune.
  Result<void> replace_refs(Batch& batch, const std::map<Ref, Ref>& replaced);

 private:
  Result<void> add_files(Batch& batch, const Prepared& prepared, const std::vector<FileFacts>& files,
                         const std::vector<Bytes>& contents);

  Core& core_;
  RunWriter& writer_;
  Library& library_;
  Dossiers& dossiers_;
  DossierIndex& index_;
  SubmissionCheck& check_;
  StoreUsage usage_;
};

}  // namespace khuoi::sync
