#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "storage/parity_shape.h"
#include "sync/base/bytes.h"
#include "sync/base/result.h"

namespace khuoi::storage {

/// Fills `out` from `offset`; gives fewer octets only at the end of the file.
using ReadAt = std::function<Result<std::size_t>(std::uint64_t offset, std::span<std::uint8_t> out)>;
using WriteAt = std::function<Result<void>(std::uint64_t offset, ByteView octets)>;

/// Computes the parity section of the first data_octets octets of a file and writes it right behind them, not in order.
/// Parity guards against a failing stick, not against people: what it gives back still has to prove itself.
/// Memory: at most 16 MiB, and 4 octets a block (2 MiB for a bundle of 2 GiB). Reads the data once.
/// Errors: too_large (past ParityShape::data_octets_max), those of the functions.
Result<void> write_parity(std::uint64_t data_octets, const ReadAt& read, const WriteAt& write);
/// The same in memory: data and section.
Bytes with_parity(ByteView data);

/// How much of a file is data, if its last octets are the foot of a parity section. Errors: those of `read`.
Result<std::optional<std::uint64_t>> data_octets_by_foot(std::uint64_t file_octets, const ReadAt& read);

struct RepairReport {
  struct Range {
    std::uint64_t offset = 0;
    std::uint64_t octets = 0;
    bool operator==(const Range&) const = default;
  };
  /// Header and footer may both be gone, or never have been there: then nothing was checked, and the segments have to
  /// be looked at one by one.
  bool parity_found = false;
  std::uint64_t data_octets = 0;  ///< without the section, where one was found
  std::uint64_t blocks_damaged = 0;
  std::uint64_t blocks_repaired = 0;
  std::vector<Range> still_damaged;  ///< in order; at most damaged_ranges_max, the last one then reaches to the end
};
inline constexpr std::size_t damaged_ranges_max = 1024;

/// Checks a file's data against its parity section and writes what can be repaired in place. `write` is called only for
/// data that was damaged or could not be checked; a file cut short grows to its data's length. Reads the data once when
/// it is whole. Memory: at most 16 MiB, and 13 octets a block. Errors: those of the functions; damage is no error.
Result<RepairReport> repair_data(std::uint64_t file_octets, const ReadAt& read, const WriteAt& write);

}  // namespace khuoi::storage
