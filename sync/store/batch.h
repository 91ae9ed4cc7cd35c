#pragma once

#include "sync/base/time.h"
#include "sync/store/store.h"

namespace khuoi::sync {

/// What every operation that writes is given: the transaction it is part of, and the time. Operations check before they
/// write; a batch that fails half-way is dropped whole.
struct Batch {
  WriteTxn& txn;
  Now now;
};

}  // namespace khuoi::sync
