#pragma once

#include "sync/dossiers/intake.h"
#include "sync/peers/receipts.h"

namespace khuoi::sync {

/// Seals again what people wrote here: to the commune once there is one, and to this box alone when a hamlet leaves a
/// commune that turned out to be somebody else's.
class Resealing final {
 public:
  Resealing(Core& core, RunKeys& run_keys, RunWriter& writer, Peers& peers, Receipts& receipts, Dossiers& dossiers,
            Intake& intake)
      : core_(core), run_keys_(run_keys), writer_(writer), peers_(peers), receipts_(receipts), dossiers_(dossiers),
        intake_(intake) {}

  /// Local records are sealed again to the commune once they can be opened; true when none is left.
  Result<bool> reseal_local(Batch& batch);
  /// Back to before the grant: what people wrote here is sealed again to this box alone, and everything that came from that
  /// commune or was said about it is forgotten. What was sent to it meanwhile, it can read.
  /// Errors: denied (no commune; it told by a receipt or by radio that it holds dossiers of this box), locked (some of it cannot be read).
  Result<void> leave_commune(Batch& batch);

 private:
  struct OwnRecord {
    Ref ref;
    Rank rank = Rank::normal;
    Domain domain = Domain::general;
    Plain plain;
  };
  Result<std::vector<OwnRecord>> records_to_take_along(Batch& batch);
  Result<void> forget_commune(Batch& batch);
  Result<void> keep_own_of_dossiers(Batch& batch);

  Core& core_;
  RunKeys& run_keys_;
  RunWriter& writer_;
  Peers& peers_;
  Receipts& receipts_;
  Dossiers& dossiers_;
  Intake& intake_;
};

}  // namespace khuoi::sync
