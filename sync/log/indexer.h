#pragma once

#include <map>

#include "sync/log/opened_record.h"
#include "sync/store/batch.h"

namespace khuoi::sync {

/// What becomes of records beyond the log: the rooms above it, as the replica puts them together.
class Indexer {
 public:
  virtual ~Indexer() = default;
  /// Takes into account what a record says. True: others, which could not be read before, may be readable now.
  /// Errors: not_found while its form or model is unknown; malformed, too_large, unsupported, damaged: for a person.
  /// `decoded`: of a version, if that was made beforehand.
  virtual Result<bool> index(Batch& batch, const Ref& ref, const Plain& plain, const DecodedVersion* decoded) = 0;
  /// What waited was opened: true while there is more to do of what follows. About so many records are read at a time;
  /// `place` is zero at first, and goes from one to the next.
  virtual Result<bool> after_opening(Batch& batch, std::uint32_t& place, std::size_t records_max) = 0;

  /// What came in within one batch, by whom it came from or concerns: octets of people's records.
  struct News {
    std::map<NodeId, std::uint64_t> octets;
    std::uint64_t sequence = 0;  ///< of this node's holdings, since it came in
  };
  /// These should hear what this node holds now.
  virtual Result<void> publish(Batch& batch, News news) = 0;
};

}  // namespace khuoi::sync
