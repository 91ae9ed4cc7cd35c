#pragma once

#include "sync/log/runs.h"
#include "sync/log/since_start.h"
#include "sync/membership/membership.h"
#include "sync/store/meta.h"

namespace khuoi::sync {

/// What the parts of a replica share. Owned by Replica; the parts borrow it for their life.
struct Core : Membership {
  Runs runs;
  Rng& rng;
  SinceStart since_start{};
  /// After statements of the roster changed.
  Result<void> reload(const ReadTxn& txn);
};

/// Where this node's statements stand, durable: the sequence of its holdings.
Result<std::uint64_t> next_holdings_sequence(Batch& batch);

}  // namespace khuoi::sync
