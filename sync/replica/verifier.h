#pragma once

#include "sync/dossiers/dossiers.h"

namespace khuoi::sync {

/// Whether all that is here can be read again.
class Verifier final {
 public:
  Verifier(Core& core, RunKeys& run_keys, Dossiers& dossiers) : core_(core), run_keys_(run_keys), dossiers_(dossiers) {}

  /// Opens and checks everything that can be opened now, submissions and edits down to their XML. Errors: damaged; names
  /// the faults, up to twenty. `set_aside` hears of records that cannot be read and that quarantine names already: they
  /// came so, and no backup would help.
  Result<void> verify(const ReadTxn& txn, const std::function<void(const std::string&)>& set_aside = {});

 private:
  std::string why_unreadable(const ReadTxn& txn, const Ref& ref);

  Core& core_;
  RunKeys& run_keys_;
  Dossiers& dossiers_;
};

}  // namespace khuoi::sync
