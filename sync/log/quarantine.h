#pragma once

#include <string>
#include <vector>

#include "sync/record/header.h"
#include "sync/store/batch.h"

namespace khuoi::sync {

/// Something a person has to look at: table quarantine, key a counter.
struct Quarantined {
  std::string why;
  Ref ref;
  UnixSeconds at;
  Bytes record;  ///< header ‖ body, when there is one
  static auto parts(auto& item) {
    return parts_of(Counted(item.why, 1024), item.ref, item.at, Counted(item.record, 2 * record_octets_max));
  }
};
Result<void> quarantine(Batch& batch, const Quarantined& item);
Result<std::vector<Quarantined>> quarantined(const ReadTxn& txn);

}  // namespace khuoi::sync
