#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "node/engine/engine.h"
#include "sync/contact/courier.h"

namespace khuoi::node {

struct StickOptions {
  bool dry_run = false;  ///< takes nothing in and changes nothing on the stick; says what would be written
  std::function<void(std::string_view what, std::uint64_t done, std::uint64_t of)> progress = [](auto, auto, auto) {};
  std::function<bool()> gone = [] { return false; };  ///< give up between two bundles
};

/// What a stick held when its sync ended, for asking without it whether it lacks something by now.
struct StickMemory {
  std::unique_ptr<sync::Courier> courier;
  std::vector<sync::BundleContent> bundles;  ///< of this node
};

struct StickReport {
  sync::Counts counts;
  std::uint64_t bundles_foreign = 0;
  std::uint64_t bundles_written = 0;
  std::uint64_t bundles_removed = 0;
  /// Of ours, what could not be read or written, a sentence each; then the exit code is 1.
  std::vector<std::string> faults;
  std::optional<Errc> first_fault;
  /// Of these, a word for what this machine's own disk refused: box_full, box_read_only or box_io. It comes first then, since
  /// another stick would not help.
  std::string box_fault;
  std::vector<std::string> notes;  ///< for a person: boxes that ask to join, an invitation
  StickMemory memory;
};

/// One sync of a stick mounted at `dir` (design section 9): takes in everything useful and verifies it, removes bundles
/// of this node whose content has arrived, writes what the other side is not known to hold, reads it back. When it
/// returns the stick may be pulled. The engine is free between bundles.
/// A disk of this machine that takes no commit (full, read-only, failing) is a fault too: what it holds is written to the
/// stick all the same.
/// Errors: not_found, denied, io: nothing could be done at all. Anything less is told by the report.
Result<StickReport> sync_stick(Engine& engine, const std::filesystem::path& dir, const StickOptions& options);

/// The word of StickReport::box_fault for an error of this machine's own store; nothing for one that is not its disk's.
std::string box_fault_of(Errc code);

/// Whether another sync of that stick would write something. Errors: what the store says.
Result<bool> stick_lacks(Engine& engine, StickMemory& memory);

}  // namespace khuoi::node
