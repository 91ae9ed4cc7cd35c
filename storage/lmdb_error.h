#pragma once

#include <string>

#include "sync/base/result.h"

namespace khuoi::storage {

/// What an LMDB return code says, as one of our codes with a sentence that names the folder.
/// rc: an MDB_ code or an errno; never 0.
Error lmdb_error(int rc, const std::string& doing, const std::string& dir);

}  // namespace khuoi::storage
