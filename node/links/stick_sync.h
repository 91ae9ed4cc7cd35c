#pragma once

#include <filesystem>

#include "storage/stick_folder.h"
#include "sync/exchange/courier.h"

namespace khuoi::node {

/// What one `stick sync` did.
struct StickReport {
  sync::Counts counts;
  std::uint64_t bundles_foreign = 0;   ///< of other communes; not touched
  std::uint64_t bundles_damaged = 0;   ///< ours, with something that could not be repaired or verified
  std::uint64_t bundles_repaired = 0;  ///< ours, mended by parity
  std::uint64_t bundles_removed = 0;   ///< mine, all of whose content has arrived
  std::uint64_t bundles_skipped = 0;   ///< names that are no bundles: links, folders, devices
  std::uint64_t requests_found = 0;    ///< boxes that ask to join
  bool grant_found = false;            ///< a grant for this box, to be accepted by a person
  bool left_over = false;              ///< not everything fitted
  std::optional<Error> write_failed;   ///< the stick could be read, not written
};

struct StickOptions {
  bool dry_run = false;
  std::filesystem::path private_dir;  ///< for private copies of bundles
  /// A step of the way, for people: "reading", "writing", and how far, in thousandths.
  std::function<void(std::string_view step, int thousandths)> progress;
};

/// All that is done when a stick is put in: takes in what is useful, drops my bundles that have arrived, writes what the
/// other side is not known to hold, reads it back. The stick may be pulled when it returns; pulled earlier, nothing is
/// lost and nothing half-written stays for long. Errors: not_found (no such folder), denied, what the store says.
Result<StickReport> sync_stick(sync::Replica& replica, const sync::Courier::Begin& begin, Rng& rng,
                               const std::filesystem::path& dir, const StickOptions& options);

}  // namespace khuoi::node
