#pragma once

#include <filesystem>

#include "radio/duty.h"

namespace khuoi::node {

/// The duty ledger of this node on its disk: DIR/radio-duty, replaced whole and synced.
class DutyFile final {
 public:
  explicit DutyFile(const std::filesystem::path& data) : file_(data / "radio-duty") {}
  /// As it stands; a missing one is a box that never sent, a damaged one counts as an hour used up. `why`: one sentence
  /// where it was damaged. Errors: io, where this machine does not say which start it is.
  Result<radio::DutyLedger> open(const radio::DutyLedger::Limits& limits, Instant now, std::string& why) const;
  /// Errors: disk_full, read_only, io; then nothing may be sent.
  Result<void> save(radio::DutyLedger& ledger) const;

 private:
  std::filesystem::path file_;
};

}  // namespace khuoi::node
