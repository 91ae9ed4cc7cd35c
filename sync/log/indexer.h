#pragma once

#include <map>

#include "sync/record/record.h"
#include "sync/store/batch.h"

namespace khuoi::sync {

/// What becomes of records beyond the log: the rooms above it, as the replica puts them together.
class Indexer {
 public:
  virtual ~Indexer() = default;
  /// Takes into account what a record says. True: others, which could not be read before, may be readable now.
  /// Errors: not_found while its form or model is unknown; malformed, too_large, unsupported, damaged: for a person.
  virtual Result<bool> index(Batch& batch, const Ref& ref, const Plain& plain) = 0;
  /// What waited was opened.
  virtual Result<void> after_opening(Batch& batch) = 0;

  /// What came in within one batch, by whom it came from or concerns: octets of people's records.
  struct News {
    std::map<NodeId, std::uint64_t> octets;
    std::uint64_t sequence = 0;  ///< of this node's holdings, since it came in
  };
  /// These should hear what this node holds now.
  virtual Result<void> publish(Batch& batch, News news) = 0;
};

}  // namespace khuoi::sync
