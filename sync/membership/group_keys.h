#pragma once

#include <vector>

#include "sync/record/record.h"
#include "sync/store/batch.h"

namespace khuoi::sync {

/// Keys of frames that a commune sends to all its hamlets at once; a new one at each revocation. In table keys, the
/// greatest epoch and the one before: who has not got the newest yet is still heard.
class GroupKeys final {
 public:
  static constexpr std::size_t keys_max = 2;
  /// The greatest epoch first. Errors: damaged.
  static Result<std::vector<GroupKey>> of(const ReadTxn& txn);
  /// In whatever order they come, the greatest epochs stay. Of one epoch the later to come counts: a commune that was put
  /// back from a backup may make an epoch anew.
  static Result<void> keep(Batch& batch, const GroupKey& key);
  static Result<void> forget(Batch& batch);
};

}  // namespace khuoi::sync
