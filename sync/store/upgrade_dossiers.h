#pragma once

#include "sync/store/batch.h"

namespace khuoi::sync {

/// From format 2 to 3: the rows of dossiers get their numbers for keys, and ids lead to numbers (sync/store/TABLES.md).
Result<void> renumber_dossiers(Batch& batch);

}  // namespace khuoi::sync
