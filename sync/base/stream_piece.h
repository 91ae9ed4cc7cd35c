#pragma once

#include <cstdint>

#include "sync/base/bytes.h"

namespace khuoi {

/// A stretch of the octets that go one way over the air. A station cuts the stream where frames end, wherever that is,
/// and tells by their names which pieces the other side has committed.
struct StreamPiece {
  Bytes octets;
  std::uint64_t name = 0;
  bool urgent = false;  ///< it may use the part of the hour that is kept for such
};

}  // namespace khuoi
