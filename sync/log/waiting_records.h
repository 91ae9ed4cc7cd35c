#pragma once

#include <set>

#include "sync/log/runs.h"

namespace khuoi::sync {

/// Header and body, as quarantine and table waiting keep a record.
Bytes whole_octets(const Sealed& record);

/// Records that cannot be judged yet: table waiting, up to 1 MiB an author (a row each in table note counts).
class WaitingRecords final {
 public:
  enum class Put : std::uint8_t { added, known, no_room };
  /// Several may claim one number until their run's opener tells which is real.
  static Result<Put> put(Batch& batch, const Sealed& record, bool vouched);
  /// Its author is told that it is here and will not send it again: if no key that is known by the time of a try opens
  /// it, it waits on.
  static Result<void> note_acknowledged(Batch& batch, const Sealed& record);

  struct One {
    Sealed record;
    bool vouched = false;
    bool acknowledged = false;
  };
  /// Takes a run's off the list.
  static Result<std::vector<One>> take(Batch& batch, const RunKey& key);
  static Result<std::set<RunKey>> runs(const ReadTxn& txn);
};

}  // namespace khuoi::sync
