#pragma once

#include "sync/store/batch.h"

namespace khuoi::sync {

/// Removes chunks that waited unverified for unverified_seconds_max; how many. Errors: damaged; the store's.
Result<std::uint64_t> sweep_unverified(Batch& batch);

}  // namespace khuoi::sync
