#pragma once

#include <map>

#include "sync/log/core.h"

namespace khuoi::sync {

/// Own records that a person asked to be sent by radio now, though something faster is near. Table `note`, kind
/// hastened, a row a run.
class Hastened final {
 public:
  static Result<void> add(Batch& batch, const Ref& own);
  static Result<std::map<RunId, RangeSet>> all(const ReadTxn& txn);
  /// What of them the commune does not have yet; the rest is done and forgotten.
  static Result<std::map<RunId, RangeSet>> keep_open(Batch& batch, const NodeId& self, const NodeId& commune);
};

}  // namespace khuoi::sync
