#pragma once

#include <filesystem>

#include "node/links/radio/fiber_hours.h"
#include "sync/base/result.h"

namespace khuoi::node {

/// DIR/fiber-hours, replaced whole: a line for each stretch in which the fiber was up, "FROM TO", Unix seconds on
/// quarters of an hour, both quarters included. Of no worth to anybody but the radio's policy: without it nothing
/// waits.
class FiberHoursFile final {
 public:
  explicit FiberHoursFile(const std::filesystem::path& data) : file_(data / "fiber-hours") {}
  /// Empty where there is none, or where it cannot be read.
  [[nodiscard]] FiberHours read() const;
  /// Errors: disk_full, read_only, io.
  Result<void> write(const FiberHours& hours) const;

 private:
  std::filesystem::path file_;
};

}  // namespace khuoi::node
