#pragma once

#include <map>

#include "sync/log/runs.h"
#include "sync/log/since_start.h"
#include "sync/membership/membership.h"
#include "sync/store/meta.h"

namespace khuoi::sync {

/// What somebody opens here: secrets, and the contexts of runs that were found with them (RunKeys). One owner at a time.
struct Openings {
  OpenKeys keys;
  std::map<RunKey, HpkeContext> contexts;  ///< each in a locked page
  std::array<Secret, 2> summary;           ///< by domain: see KeptSummaries; empty until it is asked for
};

/// What the parts of a replica, or of a reader of it, share; they borrow it for their life.
struct Core : Membership {
  Runs runs;
  Rng& rng;
  SinceStart since_start{};
  Openings* opened = nullptr;  ///< by whom it is read and written now

  void use(Openings& by) {
    opened = &by;
    keys.use(by.keys);
  }
  /// After statements of the roster changed.
  Result<void> reload(const ReadTxn& txn);
};

/// Where this node's statements stand, durable: the sequence of its holdings.
Result<std::uint64_t> next_holdings_sequence(Batch& batch);

}  // namespace khuoi::sync
