#pragma once

#include "sync/bulletin/items.h"
#include "sync/dossiers/dossiers.h"
#include "sync/peers/peers.h"

namespace khuoi::sync {

/// Whether all that is here can be read again.
class Verifier final {
 public:
  Verifier(Core& core, RunKeys& run_keys, Dossiers& dossiers, const Peers& peers, const Items& items)
      : core_(core), run_keys_(run_keys), dossiers_(dossiers), peers_(peers), items_(items) {}

  /// Opens and checks everything that can be opened now, submissions and edits down to their XML. Errors: damaged; names
  /// the faults, up to twenty, and counts that are not what is there. `set_aside` hears of records that cannot be read and
  /// that quarantine names already: they
  /// came so, and no backup would help.
  Result<void> verify(const ReadTxn& txn, const std::function<void(const std::string&)>& set_aside = {});

 private:
  std::string why_unreadable(const ReadTxn& txn, const Ref& ref);

  Core& core_;
  RunKeys& run_keys_;
  Dossiers& dossiers_;
  const Peers& peers_;
  const Items& items_;
};

}  // namespace khuoi::sync
