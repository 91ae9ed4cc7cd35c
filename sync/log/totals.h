#pragma once

#include "sync/store/rows.h"

namespace khuoi::sync {

/// What is counted of the log, so that nobody walks it to tell how much there is: table `note`, kind totals. Kept by Runs in
/// the commit that changes it. None: nobody counted yet.
struct Totals {
  std::uint64_t records = 0;     ///< of people, held
  std::uint64_t forks = 0;       ///< runs that are forked
  std::uint64_t local_runs = 0;  ///< of before the grant, with records
  /// Entries of table `record` when this was written. Where there are others now, a program wrote since that does not count:
  /// neither this row holds, nor what else is kept beside it (sync/replica/recount.h).
  std::uint64_t record_rows = 0;
  static auto parts(auto& totals) {
    return parts_of(totals.records, totals.forks, totals.local_runs, totals.record_rows);
  }
  bool operator==(const Totals&) const = default;
};

inline constexpr Rows<std::tuple<>, Totals> totals_rows{Note::totals, "what is counted of the log"};

}  // namespace khuoi::sync
